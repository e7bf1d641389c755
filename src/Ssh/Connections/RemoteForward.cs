using OpenShell.Ssh.Work;

namespace OpenShell.Ssh.Connections;

/// <summary>A port that is listened on for a client.</summary>
/// <param name="listener">The port.</param>
/// <param name="address">As the client named it, which is how it knows its connections.</param>
internal sealed class RemoteForward(ISshListener listener, string address) : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();

    public ISshListener Listener => listener;

    public string Address => address;

    public CancellationToken Cancelled => _cancelled.Token;

    public void Dispose()
    {
        _ = _cancelled.CancelAsync();
        listener.Dispose();
    }
}
