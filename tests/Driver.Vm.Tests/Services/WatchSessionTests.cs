using OpenShell.Driver.Kit.Watch;
using OpenShell.Driver.Vm.Events;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Services;

[TestFixture]
internal sealed class WatchSessionTests
{
    private readonly Dictionary<string, MachineSnapshot> _machines = [];
    private readonly List<DriverEvent> _seen = [];
    private WatchHub _hub = null!;
    private SemaphoreSlim _mayTake = null!;
    private Task _session = null!;
    private long _version;

    [SetUp]
    public void SetUp()
    {
        _machines.Clear();
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
        Change("a", MachineState.Running);
        Change("b", MachineState.Stopped);

        Begin();

        await SeesAsync("a Running", "b Stopped");
    }

    [Test]
    public async Task Run_Change_IsSentOnce()
    {
        Begin();
        Change("a", MachineState.Starting);
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
            Change("a", MachineState.Running);
            return [.. _machines.Values.Select(snapshot => new MachineChanged(snapshot))];
        }).RunAsync(SendAsync, CancellationToken.None);
        await SeesAsync("a Running");

        Change("b", MachineState.Running);
        await SeesAsync("a Running", "b Running");
    }

    [Test]
    public async Task Run_WatcherFallsBehind_LearnsTheLastStateAndTheRemovals()
    {
        Change("gone", MachineState.Running);
        Begin();
        await SeesAsync("gone Running");
        while (_mayTake.Wait(0))
        {
            // From here on the watcher takes nothing.
        }

        Change("a", MachineState.Starting);
        await Eventually.BecomesTrueAsync(() => _mayTake.CurrentCount == 0 && _waiting, "the watcher is held up");
        Change("a", MachineState.Running);
        Change("a", MachineState.Stopping);
        Change("a", MachineState.Stopped);
        Change("b", MachineState.Running);
        Remove("gone");
        _mayTake.Release(1000);

        await Eventually.BecomesTrueAsync(() => Seen().Contains("gone removed"), "the removal is sent");
        Assert.That(Seen().Last(text => text.StartsWith("a ", StringComparison.Ordinal)), Is.EqualTo("a Stopped"));
        Assert.That(Seen(), Does.Contain("b Running"));
        Assert.That(Seen(), Is.Unique);
    }

    private bool _waiting;

    private void Begin() => _session = new WatchSession(_hub, () => [.. _machines.Values.Select(snapshot => new MachineChanged(snapshot))]).RunAsync(SendAsync, CancellationToken.None);

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
            return [.. _seen.Select(e => e is MachineChanged changed ? $"{e.SandboxId} {changed.Snapshot.State}" : $"{e.SandboxId} removed")];
        }
    }

    private async Task SeesAsync(params string[] expected)
    {
        await Eventually.BecomesTrueAsync(() => Seen().Count >= expected.Length, string.Join(", ", expected));
        Assert.That(Seen(), Is.EqualTo(expected));
    }

    private void Change(string id, MachineState state)
    {
        var snapshot = new MachineSnapshot(Specs.New(id), state, "", null, DateTimeOffset.UnixEpoch, ++_version);
        _machines[id] = snapshot;
        _hub.Publish(new MachineChanged(snapshot));
    }

    private void Remove(string id)
    {
        _machines.Remove(id);
        _hub.Publish(new SandboxRemoved(id, ++_version));
    }
}
