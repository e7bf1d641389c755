using OpenShell.Driver.Vm.Events;
using OpenShell.Driver.Vm.Launch;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>
/// The record and the state of one machine; every change goes to the record file, the watchers and the log. Owned by its
/// <see cref="Machine"/>; its boot and the watch of its disk write to it too, so everything in it may be called at any time.
/// </summary>
internal sealed class MachineStatus
{
    private readonly MachineContext _context;
    private readonly SandboxLayout _layout;
    private readonly MachineNotices _notices;
    private readonly Lock _lock = new();
    private MachineRecord _record;
    private MachineSnapshot _snapshot;
    private string? _hostDiskFull;

    public MachineStatus(MachineRecord record, MachineState state, SandboxLayout layout, MachineNotices notices, MachineContext context)
    {
        (_context, _record, _layout, _notices) = (context, record, layout, notices);
        _snapshot = NewSnapshot(state);
    }

    public MachineRecord Record => _record;

    public MachineSnapshot Snapshot
    {
        get
        {
            lock (_lock)
            {
                return _snapshot;
            }
        }
    }

    /// <summary>Whether QEMU has paused the machine because the host's disk is full.</summary>
    public bool IsHostDiskFull => Volatile.Read(ref _hostDiskFull) is not null;

    /// <summary>Writes the record of a new sandbox and tells the watchers of it.</summary>
    public void Announce()
    {
        _context.Records.Save(_record);
        _context.Hub.Publish(new MachineChanged(Snapshot));
    }

    /// <summary>QEMU runs.</summary>
    /// <exception cref="IOException">The record could not be written: no later driver would find this machine.</exception>
    public void Started(MachineStart start, RunningMachine running, TimeSpan elapsed)
    {
        Save(record => record with { InstanceId = start.InstanceId, Process = running.Process });
        Enter(MachineState.Running, from: MachineState.Starting);
        _notices.Started();
        _context.Log.Started(_record.Spec.Id, start.InstanceId, running.Process.ProcessId, elapsed);
    }

    /// <summary>It could not be started.</summary>
    public void StartFailed(string problem)
    {
        _context.Log.ProvisioningFailed(_record.Spec.Id, problem);
        Fail(FailureReasons.ProvisioningFailed, problem);
    }

    /// <summary>QEMU ended, and nobody had asked for it.</summary>
    public void Exited(string? shutdownReason)
    {
        var reason = shutdownReason ?? "without a reason, as when it is killed";
        _context.Log.Exited(_record.Spec.Id, reason);
        Fail(FailureReasons.ProcessExited, ExitMessage.Build(reason, _layout.ConsolePath));
    }

    /// <summary>QEMU has paused it: the host's disk is full.</summary>
    public void HostDiskFull()
    {
        var message = $"The machine is paused: the host's disk is full at {_layout.Directory}. "
            + $"Free some space there; the machine goes on by itself when {HostDisk.RoomToRun} are free";
        Volatile.Write(ref _hostDiskFull, message);
        Enter(MachineState.Running, from: MachineState.Running);
        _notices.HostDiskFull(message);
        _context.Log.HostDiskFull(_record.Spec.Id, _layout.Directory, _context.FreeDisk().ToString());
    }

    /// <summary>The paused machine goes on.</summary>
    public void HostDiskFreed()
    {
        Volatile.Write(ref _hostDiskFull, null);
        Enter(MachineState.Running, from: MachineState.Running);
        _notices.HostDiskFreed();
        _context.Log.HostDiskFreed(_record.Spec.Id);
    }

    /// <summary>The host could not do what the guest asked of its disk, and the guest knows.</summary>
    public void HostDiskFailed(string reason)
    {
        _context.Log.HostDiskFailed(_record.Spec.Id, reason);
        _notices.HostDiskFailed(reason);
    }

    /// <summary>The machine that was paused has ended.</summary>
    public void ClearHostDiskFull() => Volatile.Write(ref _hostDiskFull, null);

    /// <summary>
    /// Changes the record under the lock: a request and the boot may both do so, and neither may undo the other's change.
    /// </summary>
    public void Save(Func<MachineRecord, MachineRecord> change)
    {
        lock (_lock)
        {
            _record = change(_record);
            _context.Records.Save(_record);
        }
    }

    /// <summary>
    /// As <see cref="Save"/>, for what must be done although the disk is full. What could not be written goes along with the
    /// next change; a driver that finds the record as it was finds out anew that the machine does not run.
    /// </summary>
    public void TrySave(Func<MachineRecord, MachineRecord> change)
    {
        try
        {
            Save(change);
        }
        catch (IOException e)
        {
            _context.Log.NotSaved(_record.Spec.Id, e.Message);
        }
    }

    /// <summary>Changes the state and tells the watchers; with <paramref name="from"/>, only out of that state.</summary>
    public void Enter(MachineState state, MachineState? from = null)
    {
        MachineSnapshot snapshot;
        lock (_lock)
        {
            if (from is not null && _snapshot.State != from)
            {
                return;
            }

            snapshot = _snapshot = NewSnapshot(state);
        }

        _context.Hub.Publish(new MachineChanged(snapshot));
    }

    private void Fail(string reason, string message)
    {
        // The gateway must learn of it even if the disk is full; a later driver then finds out anew.
        TrySave(record => record with { Process = null, Failure = new MachineFailure(reason, message) });
        _layout.RemoveRunDirectory();
        Enter(MachineState.Failed);
        _notices.Failed(reason, message);
    }

    private MachineSnapshot NewSnapshot(MachineState state) =>
        new(_record.Spec, state, _record.InstanceId ?? "", _record.Failure, _context.Time.GetUtcNow(), _context.NextVersion())
        {
            HostDiskFull = state == MachineState.Running ? Volatile.Read(ref _hostDiskFull) : null,
        };
}
