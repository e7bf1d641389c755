using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Loop;

namespace OpenShell.Ssh.Connections;

/// <summary>A port that is listened on for a client. Owned by <see cref="RemoteForwards"/>.</summary>
/// <param name="address">As the client named it, which is how it knows its connections.</param>
internal sealed class RemoteForward(ISshForwardListener listener, string address) : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancelled = new();
    private Task _accepting = Task.CompletedTask;

    public string Address => address;

    public int Port => listener.Port;

    /// <summary>Begins to accept. Called on the loop's thread, as the function is.</summary>
    public void Accept(Action<AcceptedForward> take) => _accepting = AcceptAllAsync(take);

    /// <summary>Returns when the port is free.</summary>
    public async ValueTask DisposeAsync()
    {
        await _cancelled.CancelAsync();
        await _accepting;
        await ThreadPoolHop.RunAsync(() => listener.DisposeAsync().AsTask());
        _cancelled.Dispose();
    }

    private async Task AcceptAllAsync(Action<AcceptedForward> take)
    {
        try
        {
            while (true)
            {
                take(await ThreadPoolHop.RunAsync(() => listener.AcceptAsync(_cancelled.Token)));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The port is not listened on any more.
        }
    }
}
