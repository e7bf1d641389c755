using System.Collections.Concurrent;
using OpenShell.Ssh.Loop;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests.Server;

/// <summary>
/// Work off the loop that is over before the loop awaits it, as on a busy machine: its caller must not go on ahead of what
/// the work has posted, such as that a program has been started.
/// </summary>
public sealed class ThreadPoolHopTests
{
    [Test]
    public async Task RunAsync_WorkEndsBeforeItIsAwaited_CallerGoesOnAfterWhatItPosted()
    {
        var (loop, order) = (new HeldLoop(), new List<string>());

        var caller = loop.Run(() => RunAsync(order, () => ThreadPoolHop.RunAsync(() =>
        {
            loop.Post(_ => order.Add("posted"), null);
            return Task.CompletedTask;
        })));
        await loop.RunPostedAsync(caller);

        Assert.That(order, Is.EqualTo(new[] { "posted", "caller" }));
    }

    [Test]
    public async Task RunAsync_WorkFailsBeforeItIsAwaited_CallerGoesOnAfterWhatItPosted()
    {
        var (loop, order) = (new HeldLoop(), new List<string>());

        var caller = loop.Run(() => RunAsync(order, () => ThreadPoolHop.RunAsync<int>(() =>
        {
            loop.Post(_ => order.Add("posted"), null);
            throw new IOException("broken");
        })));
        await loop.RunPostedAsync(caller);

        Assert.That(order, Is.EqualTo(new[] { "posted", "caller" }));
    }

    private static async Task RunAsync(List<string> order, Func<Task> offLoop)
    {
        var work = offLoop();
        // The thread is preempted here, until the work is over or has nothing to do but to wait for the loop.
        SpinWait.SpinUntil(() => work.IsCompleted || ((HeldLoop)SynchronizationContext.Current!).PostedCount == 2, Eventually.Timeout);
        try
        {
            await work;
        }
        catch (IOException)
        {
            // The order is what counts.
        }

        order.Add("caller");
    }

    /// <summary>A loop whose turns the test gives.</summary>
    private sealed class HeldLoop : SynchronizationContext
    {
        private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _posted = new();

        public int PostedCount => _posted.Count;

        public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

        public Task Run(Func<Task> function)
        {
            var before = Current;
            SetSynchronizationContext(this);
            try
            {
                return function();
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }

        public async Task RunPostedAsync(Task until)
        {
            while (!until.IsCompleted)
            {
                await Eventually.BecomesTrueAsync(() => until.IsCompleted || !_posted.IsEmpty, "something is posted");
                while (_posted.TryDequeue(out var posted))
                {
                    await Run(() =>
                    {
                        posted.Callback(posted.State);
                        return Task.CompletedTask;
                    });
                }
            }

            await until;
        }
    }
}
