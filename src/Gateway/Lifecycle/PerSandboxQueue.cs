namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// Applies what the driver says, by sandbox: the events of one in their order and one at a time, those of different ones
/// beside each other. So one whose lock is held, by a stop that takes its time, delays nobody else. There is a task per
/// sandbox that has something waiting. Used by one thread at a time; disposing it ends what runs.
/// </summary>
/// <param name="cancellationToken">The end of everything.</param>
internal sealed class PerSandboxQueue<T>(Func<T, CancellationToken, Task> apply, CancellationToken cancellationToken) : IAsyncDisposable
{
    /// <summary>
    /// Events of one sandbox that may wait. When there are more the oldest goes: the newest says how things are, and
    /// what was missed the reconciler makes up for.
    /// </summary>
    public const int MaxWaiting = 32;

    private readonly CancellationTokenSource _over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Backlog> _backlogs = [];

    /// <summary>Cancelled when an event could not be applied; <see cref="DisposeAsync"/> then says why.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Takes an event. It is applied later, or soon.</summary>
    public void Post(string sandboxId, T next)
    {
        Backlog? backlog;
        lock (_lock)
        {
            if (_backlogs.TryGetValue(sandboxId, out backlog))
            {
                if (backlog.Waiting.Count == MaxWaiting)
                {
                    backlog.Waiting.Dequeue();
                }

                backlog.Waiting.Enqueue(next);
                return;
            }

            _backlogs.Add(sandboxId, backlog = new Backlog());
            backlog.Waiting.Enqueue(next);
        }

        backlog.Running = RunAsync(sandboxId, backlog);
    }

    /// <summary>Ends what runs and waits for it.</summary>
    /// <exception cref="Store.StoreUnavailableException">An event could not be applied.</exception>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        Task[] running;
        lock (_lock)
        {
            running = [.. _backlogs.Values.Select(l => l.Running)];
        }

        try
        {
            await Task.WhenAll(running);
        }
        catch (OperationCanceledException)
        {
            // Ended here.
        }
        finally
        {
            _over.Dispose();
        }
    }

    private async Task RunAsync(string sandboxId, Backlog backlog)
    {
        try
        {
            while (TryTake(sandboxId, backlog, out var next))
            {
                await apply(next!, _over.Token);
            }
        }
        catch
        {
            // Its backlog stays, with its reason, for whoever disposes this.
            await _over.CancelAsync();
            throw;
        }
    }

    private bool TryTake(string sandboxId, Backlog backlog, out T? next)
    {
        lock (_lock)
        {
            if (backlog.Waiting.TryDequeue(out next))
            {
                return true;
            }

            // Under the lock: an event that comes now finds no backlog and makes one.
            _backlogs.Remove(sandboxId);
            return false;
        }
    }

    private sealed class Backlog
    {
        public Queue<T> Waiting { get; } = new();

        public Task Running { get; set; } = Task.CompletedTask;
    }
}
