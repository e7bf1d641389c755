using OpenShell.Linux;
using OpenShell.Linux.Descriptors;
using OpenShell.Supervisor.Native;
using OpenShell.Supervisor.Polling;

namespace OpenShell.Supervisor.Power;

/// <summary>SIGTERM, SIGINT and SIGPWR, as something to wait for. One in a process.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PolledDescriptor _counter;

    /// <exception cref="IOException">The kernel refuses.</exception>
    public StopSignals(EventLoop loop)
    {
        var counter = new EventCounter().Descriptor;
        var error = NativeSpawn.WatchStopSignals(counter.Number);
        if (error != 0)
        {
            throw new IOException($"sigaction: {Errno.Text(error)}");
        }

        _counter = loop.Register(counter);
    }

    /// <summary>Completes when one has come.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var count = new byte[sizeof(ulong)];
        await _counter.ReadAsync(count, cancellationToken);
    }

    public void Dispose() => _counter.Dispose();
}
