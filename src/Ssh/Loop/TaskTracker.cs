namespace OpenShell.Ssh.Loop;

/// <summary>Tasks that their owner awaits when it stops.</summary>
/// <param name="onDefect">Told of those that fail, which none should.</param>
internal sealed class TaskTracker(Action<Exception> onDefect)
{
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];

    public void Add(Task task)
    {
        if (task.IsCompletedSuccessfully)
        {
            return;
        }

        lock (_lock)
        {
            _running.Add(task);
        }

        task.ContinueWith(
            static (ended, state) => ((TaskTracker)state!).Remove(ended), this, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits until none runs, those included that begin meanwhile.</summary>
    public async Task WaitAllAsync()
    {
        while (Snapshot() is { Length: > 0 } running)
        {
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _running];
        }
    }

    private void Remove(Task task)
    {
        lock (_lock)
        {
            _running.Remove(task);
        }

        if (task.Exception is { } failure)
        {
            onDefect(failure.InnerException ?? failure);
        }
    }
}
