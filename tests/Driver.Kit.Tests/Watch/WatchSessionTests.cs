using OpenShell.Driver.Kit.Watch;
using OpenShell.TestKit;

namespace OpenShell.Driver.Kit.Tests.Watch;

[TestFixture]
internal sealed class WatchSessionTests
{
    private readonly Dictionary<string, TestSandbox> _sandboxes = [];
    private readonly List<DriverEvent> _seen = [];
    private WatchHub _hub = null!;
    private SemaphoreSlim _mayTake = null!;
    private Task _session = null!;
    private long _version;

    [SetUp]
    public void SetUp()
    {
        _sandboxes.Clear();
        _seen.Clear();
        _hub = new WatchHub(capacity: 2);
        _mayTake = new SemaphoreSlim(1000);
    }

    [TearDown]
    public async Task TearDown()
    {
        _mayTake.Release(1000);
        _hub.Dispose();
        await _session;
        _mayTake.Dispose();
    }

    [Test]
    public async Task Run_Begins_WithEveryMachine()
    {
        Change("a", "Running");
        Change("b", "Stopped");

        Begin();

        await SeesAsync("a Running", "b Stopped");
    }

    [Test]
    public async Task Run_Change_IsSentOnce()
    {
        Begin();
        Change("a", "Starting");
        await SeesAsync("a Starting");
        Remove("a");
        await SeesAsync("a Starting", "a removed");
    }

    [Test]
    public async Task Run_ChangeBetweenSubscribingAndListing_IsSentOnce()
    {
        // Listing is the moment at which something happens.
        _session = new WatchSession(_hub, () =>
        {
            Change("a", "Running");
            return [.. _sandboxes.Values];
        }).RunAsync(SendAsync, CancellationToken.None);
        await SeesAsync("a Running");

        Change("b", "Running");
        await SeesAsync("a Running", "b Running");
    }

    [Test]
    public async Task Run_WatcherFallsBehind_LearnsTheLastStateAndTheRemovals()
    {
        Change("gone", "Running");
        Begin();
        await SeesAsync("gone Running");
        while (_mayTake.Wait(0))
        {
            // From here on the watcher takes nothing.
        }

        Change("a", "Starting");
        await Eventually.BecomesTrueAsync(() => _mayTake.CurrentCount == 0 && _waiting, "the watcher is held up");
        Change("a", "Running");
        Change("a", "Stopping");
        Change("a", "Stopped");
        Change("b", "Running");
        Remove("gone");
        _mayTake.Release(1000);

        await Eventually.BecomesTrueAsync(() => Seen().Contains("gone removed"), "the removal is sent");
        Assert.That(Seen().Last(text => text.StartsWith("a ", StringComparison.Ordinal)), Is.EqualTo("a Stopped"));
        Assert.That(Seen(), Does.Contain("b Running"));
        Assert.That(Seen(), Is.Unique);
    }

    private bool _waiting;

    private void Begin() => _session = new WatchSession(_hub, () => [.. _sandboxes.Values]).RunAsync(SendAsync, CancellationToken.None);

    private async Task SendAsync(DriverEvent driverEvent)
    {
        _waiting = true;
        await _mayTake.WaitAsync();
        _waiting = false;
        lock (_seen)
        {
            _seen.Add(driverEvent);
        }
    }

    private List<string> Seen()
    {
        lock (_seen)
        {
            return [.. _seen.Select(e => e is TestSandbox sandbox ? $"{e.SandboxId} {sandbox.State}" : $"{e.SandboxId} removed")];
        }
    }

    private async Task SeesAsync(params string[] expected)
    {
        await Eventually.BecomesTrueAsync(() => Seen().Count >= expected.Length, string.Join(", ", expected));
        Assert.That(Seen(), Is.EqualTo(expected));
    }

    private void Change(string id, string state)
    {
        var sandbox = new TestSandbox(id, state, ++_version);
        _sandboxes[id] = sandbox;
        _hub.Publish(sandbox);
    }

    private void Remove(string id)
    {
        _sandboxes.Remove(id);
        _hub.Publish(new SandboxRemoved(id, ++_version));
    }

    private sealed record TestSandbox(string Id, string State, long Number) : SandboxChanged(Id, Number);
}
