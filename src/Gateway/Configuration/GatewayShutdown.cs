namespace OpenShell.Gateway.Configuration;

/// <summary>Says once, to everything that runs, that the gateway is going down.</summary>
internal sealed class GatewayShutdown : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Cancelled when no new work is to begin and long calls are to end.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public void Begin() => _stopping.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();
}
