using OpenShell.Driver.Vm.Events;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Launch;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>
/// One sandbox's machine over its whole life. Owned by the <see cref="MachineRegistry"/>. Requests take turns at its
/// gate; beside them runs at most one <see cref="MachineBoot"/>.
/// </summary>
internal sealed class Machine : IAsyncDisposable
{
    private readonly MachineContext _context;
    private readonly SandboxLayout _layout;
    private readonly MachineNotices _notices;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _lock = new();
    private SandboxRecord _record;
    private MachineSnapshot _snapshot;
    private MachineBoot? _boot;
    private string? _hostDiskFull;
    private bool _removed;

    /// <param name="record">What is known of it.</param>
    /// <param name="state">Where it is.</param>
    /// <param name="context">What all machines share.</param>
    public Machine(SandboxRecord record, MachineState state, MachineContext context)
    {
        _context = context;
        _record = record;
        _layout = context.Layout.Sandbox(record.Spec.Id);
        _notices = new MachineNotices(record.Spec.Id, context.Hub, context.Time);
        _snapshot = NewSnapshot(state);
    }

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

    /// <summary>Makes the sandbox's directories and record, and begins its first start.</summary>
    public void Create(string token)
    {
        _layout.Create();
        _context.Records.Save(_record);
        _context.Hub.Publish(new MachineChanged(Snapshot));
        _notices.Scheduled();
        BeginBoot(token);
    }

    /// <summary>Goes on with a machine that was found running.</summary>
    public void Adopt(RunningMachine running)
    {
        _boot = new MachineBoot(this, _context.Log);
        _boot.Supervise(running);
        _context.Log.Adopted(_record.Spec.Id, running.Process.ProcessId);
    }

    /// <summary>Starts it if it is stopped or has failed; does nothing if it runs.</summary>
    public async Task<Refusal?> StartAsync(string token, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            switch (Snapshot.State)
            {
                case MachineState.Starting or MachineState.Running:
                    return null;
                case MachineState.Stopped or MachineState.Failed when token.Length == 0:
                    return Refusal.Invalid("the sandbox token is required");
                case MachineState.Failed when _record.IsLost:
                    return Refusal.Precondition(_record.Failure!.Message);
                case MachineState.Stopped or MachineState.Failed when FindDiskProblem() is { } problem:
                    return Refusal.Precondition(problem);
                case MachineState.Stopped or MachineState.Failed:
                    // The task of a boot that failed may not have returned yet.
                    await EndBootAsync(TimeSpan.Zero);
                    _layout.Create();
                    Save(record => record with { Desired = DesiredState.Running, Process = null, Failure = null });
                    Enter(MachineState.Starting);
                    BeginBoot(token);
                    return null;
                default:
                    return Refusal.NotFound(_record.Spec.Id);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Stops it from whatever state, orderly where the guest plays along; its disk stays. Does nothing if it is stopped.
    /// </summary>
    /// <param name="force">The guest is not asked, and a stop that waits for the guest waits no longer.</param>
    public async Task<Refusal?> StopAsync(bool force = false)
    {
        if (force)
        {
            KillNow();
        }

        await _gate.WaitAsync();
        try
        {
            switch (Snapshot.State)
            {
                case MachineState.Stopped:
                    return null;
                case MachineState.Failed when _record.IsLost:
                    // Nothing of it runs, and nothing is written over what is left of its record.
                    return null;
                case MachineState.Deleting:
                    return Refusal.NotFound(_record.Spec.Id);
            }

            var started = _context.Time.GetTimestamp();
            TrySave(record => record with { Desired = DesiredState.Stopped });
            Enter(MachineState.Stopping);
            // A guest that is paused cannot do as it is told.
            await EndBootAsync(force || _hostDiskFull is not null ? TimeSpan.Zero : _context.GuestGrace);
            TrySave(record => record with { Process = null, Failure = null });
            _layout.RemoveRunDirectory();
            Enter(MachineState.Stopped);
            _notices.Stopped();
            var elapsed = _context.Time.GetElapsedTime(started);
            _context.Log.Stopped(_record.Spec.Id, elapsed);
            return null;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Kills it and removes everything that it has left.</summary>
    /// <returns>False if somebody else has just done so.</returns>
    public async Task<bool> DeleteAsync()
    {
        KillNow();
        await _gate.WaitAsync();
        try
        {
            if (_removed)
            {
                return false;
            }

            // What is left of a record that is lost may be the only trace of it until everything has gone.
            if (!_record.IsLost)
            {
                // Not needed if there is no room for it: the gateway asks again until nothing is left.
                TrySave(record => record with { Desired = DesiredState.Deleted });
            }

            Enter(MachineState.Deleting);
            await EndBootAsync(TimeSpan.Zero);
            _layout.RemoveAll();
            _removed = true;
            _context.Log.Deleted(_record.Spec.Id);
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Lets go of it: a machine that runs goes on, one that is being started is given a moment to get there.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_boot is { } boot)
        {
            await boot.LetGoAsync();
            boot.Dispose();
        }

        _gate.Dispose();
    }

    /// <summary>The boot's steps, for the boot only.</summary>
    internal Task<RunningMachine> StartQemuAsync(MachineStart start, CancellationToken cancellationToken) =>
        _context.Starter.StartAsync(start, cancellationToken);

    /// <summary>QEMU runs.</summary>
    internal void Runs(MachineStart start, RunningMachine running, TimeSpan elapsed)
    {
        Save(record => record with { InstanceId = start.InstanceId, Process = running.Process });
        Enter(MachineState.Running, from: MachineState.Starting);
        _notices.Started();
        _context.Log.Started(_record.Spec.Id, start.InstanceId, running.Process.ProcessId, elapsed);
    }

    /// <summary>It could not be started.</summary>
    internal void CouldNotStart(string problem)
    {
        _context.Log.ProvisioningFailed(_record.Spec.Id, problem);
        Fail(FailureReasons.ProvisioningFailed, problem);
    }

    /// <summary>QEMU ended, and nobody had asked for it.</summary>
    internal void Exited(string? shutdownReason)
    {
        var reason = shutdownReason ?? "without a reason, as when it is killed";
        _context.Log.Exited(_record.Spec.Id, reason);
        Fail(FailureReasons.ProcessExited, ExitMessage.Build(reason, _layout.ConsolePath));
    }

    /// <summary>Looks after a machine whose host may have no room for what it writes.</summary>
    internal Task WatchDiskAsync(RunningMachine running, CancellationToken cancellationToken) =>
        new HostDiskWatch(this, running, _context).RunAsync(cancellationToken);

    /// <summary>QEMU has paused it: the host's disk is full.</summary>
    internal void Paused()
    {
        var message = $"The machine is paused: the host's disk is full at {_layout.Directory}. "
            + $"Free some space there; the machine goes on by itself when {HostDisk.RoomToRun} are free";
        Volatile.Write(ref _hostDiskFull, message);
        Enter(MachineState.Running, from: MachineState.Running);
        _notices.HostDiskFull(message);
        _context.Log.HostDiskFull(_record.Spec.Id, _layout.Directory, _context.FreeDisk().ToString());
    }

    /// <summary>It runs again.</summary>
    internal void GoesOn()
    {
        Volatile.Write(ref _hostDiskFull, null);
        Enter(MachineState.Running, from: MachineState.Running);
        _notices.HostDiskFreed();
        _context.Log.HostDiskFreed(_record.Spec.Id);
    }

    /// <summary>The host could not do what the guest asked of its disk, and the guest knows.</summary>
    internal void DiskFailed(string reason)
    {
        _context.Log.HostDiskFailed(_record.Spec.Id, reason);
        _notices.HostDiskFailed(reason);
    }

    internal TimeProvider Time => _context.Time;

    // A disk is made once. One that has gone is not replaced by an empty one, as if nothing had been on it.
    private string? FindDiskProblem() =>
        _record.InstanceId is null ? null : OverlayDisk.FindProblem(_layout.OverlayPath, _record.Spec.Size.Disk);

    private void BeginBoot(string token)
    {
        _boot = new MachineBoot(this, _context.Log);
        _boot.Begin(new MachineStart
        {
            Spec = _record.Spec,
            Layout = _layout,
            Token = token,
            InstanceId = Guid.NewGuid().ToString("N"),
            IsFirst = !File.Exists(_layout.OverlayPath),
            Notices = _notices,
        });
    }

    /// <summary>Outside the gate: whoever holds it may be waiting for the guest that is killed here.</summary>
    private void KillNow() => Volatile.Read(ref _boot)?.Kill();

    private async Task EndBootAsync(TimeSpan guestGrace)
    {
        if (_boot is { } boot)
        {
            await boot.EndAsync(guestGrace);
            boot.Dispose();
            _boot = null;
            _hostDiskFull = null;
        }
    }

    private void Fail(string reason, string message)
    {
        // The gateway must learn of it even if the disk is full; a later driver then finds out anew.
        TrySave(record => record with { Process = null, Failure = new MachineFailure(reason, message) });
        _layout.RemoveRunDirectory();
        Enter(MachineState.Failed);
        _notices.Failed(reason, message);
    }

    /// <summary>
    /// Changes the record under the lock: a request and the boot may both do so, and neither may undo the other's change.
    /// </summary>
    private void Save(Func<SandboxRecord, SandboxRecord> change)
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
    private void TrySave(Func<SandboxRecord, SandboxRecord> change)
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
    private void Enter(MachineState state, MachineState? from = null)
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

    private MachineSnapshot NewSnapshot(MachineState state) =>
        new(_record.Spec, state, _record.InstanceId ?? "", _record.Failure, _context.Time.GetUtcNow(), _context.NextVersion())
        {
            HostDiskFull = state == MachineState.Running ? Volatile.Read(ref _hostDiskFull) : null,
        };
}
