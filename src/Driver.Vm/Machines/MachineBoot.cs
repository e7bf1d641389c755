using System.Diagnostics.CodeAnalysis;
using OpenShell.Driver.Vm.Launch;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>
/// One boot of a machine: a task that starts QEMU and then waits for its end.
/// </summary>
/// <remarks>
/// 1. Begin starts the task: it prepares and starts QEMU, and writes to the status how that went.
/// 2. It waits until QEMU ends or the driver detaches from it.
/// 3. An end that was not asked for goes into the status. Whoever asks for the end says so first (EndAsync), under the
///    lock, so an end is either expected or reported, never both.
/// </remarks>
internal sealed class MachineBoot(MachineStatus status, MachineContext context) : IDisposable
{
    /// <summary>How long the driver's own end waits for a machine that is being started.</summary>
    private static readonly TimeSpan StartGrace = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cancelStart = new();
    private readonly TaskCompletionSource _detached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _task = Task.CompletedTask;
    private RunningMachine? _running;
    private bool _endExpected;
    private bool _killed;

    /// <summary>Starts the machine in the background.</summary>
    public void Begin(MachineStart start) => _task = RunAsync(start);

    /// <summary>Watches a machine that runs already.</summary>
    public void Supervise(RunningMachine running)
    {
        _running = running;
        _task = WatchAsync(running);
    }

    /// <summary>Ends the boot, however far it is, and returns when nothing of it runs any more.</summary>
    public async Task EndAsync(TimeSpan guestGrace)
    {
        RunningMachine? running;
        bool killed;
        lock (_lock)
        {
            _endExpected = true;
            (running, killed) = (_running, _killed);
        }

        await _cancelStart.CancelAsync();
        if (running is not null && !killed)
        {
            await running.EndAsync(guestGrace);
        }

        // It waits for a process that ends, and reaps it.
        await _task;
    }

    /// <summary>Kills the machine if it runs, which ends what waits for it; <see cref="EndAsync"/> has to follow.</summary>
    public void Kill()
    {
        RunningMachine? running;
        lock (_lock)
        {
            (_endExpected, _killed) = (true, true);
            running = _running;
        }

        running?.Process.Kill();
    }

    /// <summary>Stops watching. QEMU goes on; a start that does not get there in time is ended.</summary>
    public async Task DetachAsync()
    {
        _detached.TrySetResult();
        if (await Task.WhenAny(_task, Task.Delay(StartGrace, context.Time)) != _task)
        {
            await _cancelStart.CancelAsync();
        }

        await _task;
    }

    /// <summary>After its end.</summary>
    public void Dispose() => _cancelStart.Dispose();

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification =
        "The top of the task: an unexpected failure must not leave the sandbox in the state Starting for ever.")]
    private async Task RunAsync(MachineStart start)
    {
        // Create must not wait for any of this.
        await Task.Yield();
        try
        {
            if (await StartAsync(start) is { } running)
            {
                await WatchAsync(running);
            }
        }
        catch (OperationCanceledException) when (_cancelStart.IsCancellationRequested)
        {
            // The caller that cancelled it decides what becomes of the machine.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            status.StartFailed(e.Message);
        }
        catch (Exception e)
        {
            context.Log.UnexpectedFailure(start.Spec.Id, e);
            status.StartFailed("an unexpected error; the driver's log has it");
        }
    }

    private async Task<RunningMachine?> StartAsync(MachineStart start)
    {
        var began = context.Time.GetTimestamp();
        var running = await context.Starter.StartAsync(start, _cancelStart.Token);
        bool unwanted;
        lock (_lock)
        {
            unwanted = _endExpected;
            _running = running;
        }

        if (unwanted)
        {
            // The end was asked for after the last step that looks at the cancellation.
            await EndNowAsync(running);
            return null;
        }

        try
        {
            status.Started(start, running, context.Time.GetElapsedTime(began));
            return running;
        }
        catch
        {
            // Its record could not be written: a machine that no later driver would find must not run.
            await EndNowAsync(running);
            throw;
        }
    }

    private static async Task EndNowAsync(RunningMachine running)
    {
        await using (running)
        {
            await running.EndAsync(TimeSpan.Zero);
            await running.ReapAsync();
        }
    }

    private async Task WatchAsync(RunningMachine running)
    {
        await using (running)
        {
            using var over = new CancellationTokenSource();
            var disk = new HostDiskWatch(status, running, context).RunAsync(over.Token);
            var ended = await Task.WhenAny(running.Ended, _detached.Task) == running.Ended;
            await over.CancelAsync();
            await disk;
            if (!ended)
            {
                return;
            }

            await running.ReapAsync();
            bool expected;
            lock (_lock)
            {
                expected = _endExpected;
            }

            if (!expected)
            {
                status.Exited(running.ShutdownReason);
            }
        }
    }
}
