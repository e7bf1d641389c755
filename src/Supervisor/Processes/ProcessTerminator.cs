using OpenShell.Linux.Processes;

namespace OpenShell.Supervisor.Processes;

/// <summary>Ends the process group of a process: with a signal that it may handle, and KILL after a bounded time.</summary>
internal sealed class ProcessTerminator(SandboxProcess process, TimeProvider time)
{
    private static readonly TimeSpan TimeoutGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HangUpGrace = TimeSpan.FromSeconds(1);

    /// <summary>TERM, and two seconds later KILL. Completes when nobody of the group is left.</summary>
    public Task EndAfterTimeoutAsync() => EndAsync([Signals.Terminate], TimeoutGrace);

    /// <summary>HUP and TERM, and one second later KILL, as for a caller that has gone.</summary>
    public Task EndAfterHangUpAsync() => EndAsync([Signals.HangUp, Signals.Terminate], HangUpGrace);

    private async Task EndAsync(int[] signals, TimeSpan grace)
    {
        foreach (var signal in signals)
        {
            process.Signal(signal);
        }

        // A stopped process takes the others only when it runs.
        process.Signal(Signals.Continue);
        using var graceOver = new CancellationTokenSource(grace, time);
        try
        {
            await process.Exited.WaitAsync(graceOver.Token);
            if (process.Signal(0))
            {
                // Others of the group have the rest of the time.
                await Task.Delay(Timeout.InfiniteTimeSpan, time, graceOver.Token);
            }
        }
        catch (OperationCanceledException)
        {
            process.Signal(Signals.Kill);
        }
    }
}
