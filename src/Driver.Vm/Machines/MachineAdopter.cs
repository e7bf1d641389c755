using OpenShell.Driver.Vm.Native;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>Finds again what an earlier driver left: running machines, stopped ones, dead ones, and rubbish.</summary>
internal sealed class MachineAdopter(MachineContext context, MachineRegistry registry)
{
    // Long: on a busy host QEMU may be slow to answer, and a machine that runs must not be lost for that.
    private static readonly TimeSpan MonitorTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Puts everything that is on disk into the registry. Called once, before requests are served.</summary>
    public async Task AdoptAllAsync(CancellationToken cancellationToken)
    {
        foreach (var id in context.Records.ListIds())
        {
            try
            {
                await AdoptAsync(id, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The others are none of its business. It is as if the driver did not know it, and its disk stays.
                context.Log.NotAdopted(id, e);
            }
        }

        RemoveStrayRunDirectories();
    }

    private async Task AdoptAsync(string id, CancellationToken cancellationToken)
    {
        var layout = context.Layout.Sandbox(id);
        var record = context.Records.TryLoad(id);
        var process = Leftovers.FindProcess(record, layout);
        switch (record)
        {
            case null when context.Records.Exists(id):
                // Of a newer driver, or damaged. Nobody can look after its machine, but its disk may be worth something.
                await Leftovers.KillAsync(null, layout, context.Time);
                context.Log.RecordUnreadable(id, layout.RecordPath);
                return;

            case null or { Desired: DesiredState.Deleted }:
                await Leftovers.KillAsync(record, layout, context.Time);
                layout.RemoveAll();
                if (record is null)
                {
                    context.Log.HalfMadeRemoved(layout.Directory);
                }

                return;

            case { Failure: not null }:
                await AddIdleAsync(record, MachineState.Failed, layout);
                return;

            case { Desired: DesiredState.Stopped }:
                // The driver may have ended in the middle of stopping it.
                await AddIdleAsync(record, MachineState.Stopped, layout);
                return;
        }

        if (process is not null
            && await context.Starter.TryAdoptAsync(id, process, layout, MonitorTimeout, cancellationToken) is { } running)
        {
            AddRunning(record, process, running);
            return;
        }

        var failure = record.InstanceId is null && process is null
            ? new MachineFailure(FailureReasons.ProvisioningFailed, "the driver ended while the sandbox was being started")
            : new MachineFailure(FailureReasons.ProcessExited, ExitMessage.Build("while no driver was running", layout.ConsolePath));
        await AddIdleAsync(record with { Failure = failure }, MachineState.Failed, layout);
    }

    private void AddRunning(SandboxRecord record, ProcessIdentity process, RunningMachine running)
    {
        var machine = new Machine(record with { Process = process }, MachineState.Running, context);
        registry.Add(record.Spec.Id, machine);
        machine.Adopt(running);
    }

    private async Task AddIdleAsync(SandboxRecord record, MachineState state, SandboxLayout layout)
    {
        await Leftovers.KillAsync(record, layout, context.Time);
        layout.RemoveRunDirectory();
        record = record with { Process = null };
        context.Records.Save(record);
        registry.Add(record.Spec.Id, new Machine(record, state, context));
    }

    /// <summary>Sockets of sandboxes that are no more.</summary>
    private void RemoveStrayRunDirectories()
    {
        var known = registry.List().Select(snapshot => context.Layout.Sandbox(snapshot.Spec.Id).RunDirectory).ToHashSet(StringComparer.Ordinal);
        foreach (var directory in Directory.EnumerateDirectories(context.Layout.RunDirectory).Where(directory => !known.Contains(directory)))
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
