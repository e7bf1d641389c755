using OpenShell.Driver.Kit.Watch;
using OpenShell.Driver.Vm.Records;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>Owns the machines. An id is taken before anything of it is made and freed after everything is gone.</summary>
internal sealed class MachineRegistry(MachineContext context) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Machine> _machines = new(StringComparer.Ordinal);
    private bool _ending;

    public IReadOnlyList<MachineSnapshot> List()
    {
        lock (_lock)
        {
            return [.. _machines.Values.Select(machine => machine.Snapshot).OrderBy(snapshot => snapshot.Spec.Id, StringComparer.Ordinal)];
        }
    }

    public Machine? Find(string id)
    {
        lock (_lock)
        {
            return _machines.GetValueOrDefault(id);
        }
    }

    /// <summary>Whether the id is free.</summary>
    public Failure? CheckFree(string id) =>
        Find(id) is null ? null : SandboxFailures.Exists(id);

    /// <summary>Puts a machine under the registry's care that was found on disk.</summary>
    public void Add(string id, Machine machine)
    {
        lock (_lock)
        {
            _machines.Add(id, machine);
        }
    }

    /// <summary>Makes a sandbox and begins to start it.</summary>
    public Failure? Create(MachineSpec spec, string token)
    {
        var record = new MachineRecord(spec, DesiredState.Running, InstanceId: null, Process: null, Failure: null);
        Machine machine;
        lock (_lock)
        {
            if (_ending)
            {
                return new Failure(FailureKind.Unavailable, "the driver is ending");
            }

            machine = new Machine(record, MachineState.Starting, context);
            if (!_machines.TryAdd(spec.Id, machine))
            {
                return SandboxFailures.Exists(spec.Id);
            }
        }

        if (Directory.Exists(context.Layout.Sandbox(spec.Id).Directory))
        {
            Remove(spec.Id);
            return new Failure(FailureKind.AlreadyExists, $"{context.Layout.Sandbox(spec.Id).Directory} exists already and is left alone");
        }

        try
        {
            machine.Create(token);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            context.Layout.Sandbox(spec.Id).RemoveAll();
            Remove(spec.Id);
            return new Failure(
                context.FreeDisk() < HostDisk.RoomToRun ? FailureKind.ResourceExhausted : FailureKind.FailedPrecondition,
                $"the sandbox's directory cannot be made: {e.Message}");
        }
    }

    /// <summary>Deletes a sandbox.</summary>
    /// <returns>False if there was none.</returns>
    public async Task<bool> DeleteAsync(string id)
    {
        if (Find(id) is not { } machine)
        {
            return RemoveUnmanaged(id);
        }

        if (!await machine.DeleteAsync())
        {
            return false;
        }

        Remove(id);
        return true;
    }

    /// <summary>Detaches from all machines without ending them.</summary>
    public async ValueTask DisposeAsync()
    {
        Machine[] machines;
        lock (_lock)
        {
            _ending = true;
            machines = [.. _machines.Values];
        }

        await Task.WhenAll(machines.Select(machine => machine.DisposeAsync().AsTask()));
    }

    // What was put there by hand while this driver ran.
    private bool RemoveUnmanaged(string id)
    {
        if (!SandboxId.IsValid(id) || !Directory.Exists(context.Layout.Sandbox(id).Directory))
        {
            return false;
        }

        context.Layout.Sandbox(id).RemoveAll();
        return true;
    }

    private void Remove(string id)
    {
        lock (_lock)
        {
            _machines.Remove(id);
        }

        context.Hub.Publish(new SandboxRemoved(id, context.NextVersion()));
    }
}
