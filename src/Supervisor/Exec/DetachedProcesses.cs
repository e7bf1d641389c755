using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.Exec;

/// <summary>Owns the processes that no relay waits for: their time limits, and their end when the sandbox stops.</summary>
internal sealed class DetachedProcesses(TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SandboxProcess, Task> _running = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Takes over a process. <paramref name="timeLimit"/> null: it may run for ever.</summary>
    public void Add(SandboxProcess process, TimeSpan? timeLimit)
    {
        lock (_lock)
        {
            // A task that has already ended finds nothing to remove, so it removes itself under the lock, after this.
            _running[process] = WatchAsync(process, timeLimit);
        }
    }

    /// <summary>Ends all of them. Nothing is added any more.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        Task[] watches;
        lock (_lock)
        {
            watches = [.. _running.Values];
        }

        await Task.WhenAll(watches);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task WatchAsync(SandboxProcess process, TimeSpan? timeLimit)
    {
        await Task.Yield();
        using var limit = new CancellationTokenSource(timeLimit ?? Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        try
        {
            await process.Exited.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            var terminator = new ProcessTerminator(process, time);
            await (_stopping.IsCancellationRequested ? terminator.EndAfterHangUpAsync() : terminator.EndAfterTimeoutAsync());
        }
        finally
        {
            lock (_lock)
            {
                _running.Remove(process);
            }
        }
    }
}
