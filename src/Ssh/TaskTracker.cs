namespace OpenShell.Ssh;

/// <summary>Tasks that somebody waits for in the end.</summary>
internal sealed class TaskTracker
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    public void Add(Task task)
    {
        if (task.IsCompletedSuccessfully)
        {
            return;
        }

        lock (_gate)
        {
            _running.Add(task);
        }

        task.ContinueWith(
            static (ended, state) => ((TaskTracker)state!).Remove(ended), this, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits until none runs, those included that begin meanwhile.</summary>
    /// <exception cref="Exception">What one of them failed with: a bug.</exception>
    public async Task WaitAllAsync()
    {
        while (Snapshot() is { Length: > 0 } running)
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    private Task[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _running];
        }
    }

    // What failed stays, for whoever waits.
    private void Remove(Task task)
    {
        if (!task.IsFaulted)
        {
            lock (_gate)
            {
                _running.Remove(task);
            }
        }
    }
}
