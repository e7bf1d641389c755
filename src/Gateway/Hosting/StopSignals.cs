using System.Runtime.InteropServices;

namespace OpenShell.Gateway.Hosting;

/// <summary>
/// TERM, INT and HUP as a wish to stop. The host's own handling would cancel a start that is under way and leave what
/// had been started without an owner.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations =
    [
        .. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP }.Select(s => PosixSignalRegistration.Create(s, Take)),
    ];

    /// <summary>Waits for a signal, for a background task that ends the host, or for the caller.</summary>
    public async Task WaitAsync(CancellationToken hostStopping, CancellationToken cancellationToken)
    {
        await using var byHost = hostStopping.UnsafeRegister(static t => ((TaskCompletionSource)t!).TrySetResult(), _received);
        await using var byCaller = cancellationToken.UnsafeRegister(static t => ((TaskCompletionSource)t!).TrySetResult(), _received);
        await _received.Task;
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_registrations, r => r.Dispose());

    private void Take(PosixSignalContext context)
    {
        context.Cancel = true;
        _received.TrySetResult();
    }
}

/// <summary>A lifetime that leaves the signals to <see cref="StopSignals"/>.</summary>
internal sealed class SignalFreeLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
