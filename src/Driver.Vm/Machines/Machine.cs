using OpenShell.Driver.Vm.Events;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Launch;
using OpenShell.Driver.Vm.Records;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>
/// One sandbox's machine over its whole life. Owned by the <see cref="MachineRegistry"/>. Requests run one after
/// the other under its mutex; beside them runs at most one <see cref="MachineBoot"/>.
/// </summary>
internal sealed class Machine : IAsyncDisposable
{
    private readonly MachineContext _context;
    private readonly SandboxLayout _layout;
    private readonly MachineNotices _notices;
    private readonly MachineStatus _status;
    private readonly SemaphoreSlim _mutex = new(1, 1);
    private MachineBoot? _boot;
    private bool _removed;

    public Machine(MachineRecord record, MachineState state, MachineContext context)
    {
        _context = context;
        _layout = context.Layout.Sandbox(record.Spec.Id);
        _notices = new MachineNotices(record.Spec.Id, context.Hub, context.Time);
        _status = new MachineStatus(record, state, _layout, _notices, context);
    }

    public MachineSnapshot Snapshot => _status.Snapshot;

    private MachineRecord Record => _status.Record;

    /// <summary>Makes the sandbox's directories and record, and begins its first start.</summary>
    public void Create(string token)
    {
        _layout.Create();
        _status.Announce();
        _notices.Scheduled();
        BeginBoot(token);
    }

    /// <summary>Goes on with a machine that was found running.</summary>
    public void Adopt(RunningMachine running)
    {
        _boot = new MachineBoot(_status, _context);
        _boot.Supervise(running);
        _context.Log.Adopted(Record.Spec.Id, running.Process.ProcessId);
    }

    /// <summary>Starts it if it is stopped or has failed; does nothing if it runs.</summary>
    public async Task<Failure?> StartAsync(string token, CancellationToken cancellationToken)
    {
        await _mutex.WaitAsync(cancellationToken);
        try
        {
            switch (Snapshot.State)
            {
                case MachineState.Starting or MachineState.Running:
                    return null;
                case MachineState.Stopped or MachineState.Failed when token.Length == 0:
                    return new Failure(FailureKind.InvalidArgument, "the sandbox token is required");
                case MachineState.Failed when Record.IsLost:
                    return new Failure(FailureKind.FailedPrecondition, Record.Failure!.Message);
                case MachineState.Stopped or MachineState.Failed when FindDiskProblem() is { } problem:
                    return new Failure(FailureKind.FailedPrecondition, problem);
                case MachineState.Stopped or MachineState.Failed:
                    // The task of a boot that failed may not have returned yet.
                    await EndBootAsync(TimeSpan.Zero);
                    _layout.Create();
                    _status.Save(record => record with { Desired = DesiredState.Running, Process = null, Failure = null });
                    _status.Enter(MachineState.Starting);
                    BeginBoot(token);
                    return null;
                default:
                    return SandboxFailures.NotFound(Record.Spec.Id);
            }
        }
        finally
        {
            _mutex.Release();
        }
    }

    /// <summary>
    /// Stops it from whatever state, orderly where the guest does as it is told; its disk stays. Does nothing if it is stopped.
    /// </summary>
    /// <param name="force">The guest is not asked, and a stop that waits for the guest waits no longer.</param>
    public async Task<Failure?> StopAsync(bool force = false)
    {
        if (force)
        {
            KillNow();
        }

        await _mutex.WaitAsync();
        try
        {
            switch (Snapshot.State)
            {
                case MachineState.Stopped:
                    return null;
                case MachineState.Failed when Record.IsLost:
                    // Nothing of it runs, and nothing is written over what is left of its record.
                    return null;
                case MachineState.Deleting:
                    return SandboxFailures.NotFound(Record.Spec.Id);
            }

            var started = _context.Time.GetTimestamp();
            _status.TrySave(record => record with { Desired = DesiredState.Stopped });
            _status.Enter(MachineState.Stopping);
            // A guest that is paused cannot do as it is told.
            await EndBootAsync(force || _status.IsHostDiskFull ? TimeSpan.Zero : _context.GuestGrace);
            _status.TrySave(record => record with { Process = null, Failure = null });
            _layout.RemoveRunDirectory();
            _status.Enter(MachineState.Stopped);
            _notices.Stopped();
            var elapsed = _context.Time.GetElapsedTime(started);
            _context.Log.Stopped(Record.Spec.Id, elapsed);
            return null;
        }
        finally
        {
            _mutex.Release();
        }
    }

    /// <summary>Kills it and removes everything that it has left.</summary>
    /// <returns>False if somebody else has just done so.</returns>
    public async Task<bool> DeleteAsync()
    {
        KillNow();
        await _mutex.WaitAsync();
        try
        {
            if (_removed)
            {
                return false;
            }

            // What is left of a record that is lost may be the only trace of it until everything has gone.
            if (!Record.IsLost)
            {
                // Not needed if there is no room for it: the gateway asks again until nothing is left.
                _status.TrySave(record => record with { Desired = DesiredState.Deleted });
            }

            _status.Enter(MachineState.Deleting);
            await EndBootAsync(TimeSpan.Zero);
            _layout.RemoveAll();
            _removed = true;
            _context.Log.Deleted(Record.Spec.Id);
            return true;
        }
        finally
        {
            _mutex.Release();
        }
    }

    /// <summary>Detaches from it: a machine that runs goes on, one that is being started is given a moment to get there.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_boot is { } boot)
        {
            await boot.DetachAsync();
            boot.Dispose();
        }

        _mutex.Dispose();
    }

    // A disk is made once. One that has gone is not replaced by an empty one, as if nothing had been on it.
    private string? FindDiskProblem() =>
        Record.InstanceId is null ? null : OverlayDisk.FindProblem(_layout.OverlayPath, Record.Spec.Size.Disk);

    private void BeginBoot(string token)
    {
        _boot = new MachineBoot(_status, _context);
        _boot.Begin(new MachineStart
        {
            // The creator attaches once, to what he has created.
            Spec = Record.Spec with { AwaitMainProcessAttachment = Record.Spec.AwaitMainProcessAttachment && Record.InstanceId is null },
            Layout = _layout,
            Token = token,
            InstanceId = Guid.NewGuid().ToString("N"),
            IsFirst = !File.Exists(_layout.OverlayPath),
            Notices = _notices,
        });
    }

    /// <summary>Without the mutex: the request that holds it may be waiting for the guest that is killed here.</summary>
    private void KillNow() => Volatile.Read(ref _boot)?.Kill();

    private async Task EndBootAsync(TimeSpan guestGrace)
    {
        if (_boot is { } boot)
        {
            await boot.EndAsync(guestGrace);
            boot.Dispose();
            _boot = null;
            _status.ClearHostDiskFull();
        }
    }
}
