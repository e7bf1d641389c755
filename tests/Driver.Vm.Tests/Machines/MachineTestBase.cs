using Microsoft.Extensions.Logging.Abstractions;
using OpenShell.Driver.Kit.Watch;
using OpenShell.Driver.Vm.Machines;
using OpenShell.Driver.Vm.Quantities;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Machines;

/// <summary>A registry over a state directory, with fake QEMUs.</summary>
internal abstract class MachineTestBase
{
    private TestDirectory _directory = null!;
    private WatchHub _hub = null!;

    protected StateLayout Layout { get; private set; } = null!;

    protected RecordStore Records { get; private set; } = null!;

    /// <summary>How much the host's disk has.</summary>
    protected ByteCount FreeDisk { get; set; } = ByteCount.FromMebibytes(1 << 20);

    protected FakeStarter Starter { get; private set; } = null!;

    protected MachineRegistry Registry { get; private set; } = null!;

    protected WatchSubscription Events { get; private set; } = null!;

    [SetUp]
    public void SetUpRegistry()
    {
        _directory = new TestDirectory();
        Layout = new StateLayout(_directory.Path);
        Layout.Create();
        Records = new RecordStore(Layout);
        Starter = new FakeStarter();
        Open();
    }

    [TearDown]
    public async Task TearDownRegistry()
    {
        await CloseAsync();
        await Starter.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>Ends this driver and starts another one over the same directory.</summary>
    protected async Task RestartAsync()
    {
        await CloseAsync();
        Open();
        await AdoptAsync();
    }

    protected Task AdoptAsync() => new MachineAdopter(Context(), Registry).AdoptAllAsync(CancellationToken.None);

    protected MachineState? StateOf(string id) => Registry.Find(id)?.Snapshot.State;

    protected Task BecomesAsync(string id, MachineState state) =>
        Eventually.BecomesTrueAsync(() => StateOf(id) == state, $"{id} is {state}");

    protected void Save(MachineRecord record)
    {
        Layout.Sandbox(record.Spec.Id).Create();
        Records.Save(record);
    }

    /// <summary>Takes the reasons of all notices that are queued.</summary>
    protected List<string> TakeNotices()
    {
        List<string> reasons = [];
        while (Events.TryTake(out var driverEvent))
        {
            if (driverEvent is SandboxNotice notice)
            {
                reasons.Add(notice.Reason);
            }
        }

        return reasons;
    }

    private void Open()
    {
        _hub = new WatchHub();
        Events = _hub.Subscribe();
        _context = null;
        Registry = new MachineRegistry(Context());
    }

    private async Task CloseAsync()
    {
        await Registry.DisposeAsync();
        Events.Dispose();
        _hub.Dispose();
    }

    private MachineContext? _context;

    private MachineContext Context() =>
        _context ??= new MachineContext(Layout, Records, _hub, Starter, new MachineLog(NullLogger<MachineLog>.Instance), TimeProvider.System)
        {
            // A stop that should not wait for the guest, and does, is one that does not end.
            GuestGrace = TimeSpan.FromHours(1),
            FreeDisk = () => FreeDisk,
            DiskInterval = TimeSpan.FromMilliseconds(5),
        };
}
