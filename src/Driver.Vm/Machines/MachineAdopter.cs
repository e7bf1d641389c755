using OpenShell.Driver.Vm.Launch;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Files;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>Finds again what an earlier driver left: running and stopped machines, those that ended meanwhile, and stray files.</summary>
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
                // One sandbox that cannot be adopted must not keep the others from being adopted.
                context.Log.NotAdopted(id, e);
                if (registry.Find(id) is null)
                {
                    AddFailed(id, $"it could not be taken over ({e.Message.TrimEnd('.')})", context.Layout.Sandbox(id));
                }
            }
        }

        foreach (var path in context.Records.ListForeign())
        {
            context.Log.Foreign(path);
        }

        RemoveStrayRunDirectories();
    }

    private async Task AdoptAsync(string id, CancellationToken cancellationToken)
    {
        var layout = context.Layout.Sandbox(id);
        var (record, problem) = context.Records.Load(id);
        if (record is null)
        {
            await AddLostAsync(id, problem, layout, cancellationToken);
            return;
        }

        foreach (var path in (string[])[layout.RecordPath, layout.OverlayPath])
        {
            if (FileAccessModes.CloseToOthers(path))
            {
                context.Log.ClosedToOthers(path);
            }
        }

        var process = OrphanProcesses.FindProcess(record, layout);
        switch (record)
        {
            case { Desired: DesiredState.Deleted }:
                await OrphanProcesses.KillAsync(record, layout, context.Time);
                layout.RemoveAll();
                return;

            case { Failure: not null }:
                await AddIdleAsync(record, record, MachineState.Failed, layout);
                return;

            case { Desired: DesiredState.Stopped }:
                // The driver may have ended in the middle of stopping it.
                await AddIdleAsync(record, record, MachineState.Stopped, layout);
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
        await AddIdleAsync(record with { Failure = failure }, record, MachineState.Failed, layout);
    }

    /// <summary>
    /// A sandbox of which no record can be used: lost, damaged, or of a newer driver. Nobody can look after its machine, so
    /// that is ended, in order where it can be; all that is on disk stays, and the sandbox is listed with the reason.
    /// </summary>
    private async Task AddLostAsync(string id, string? problem, SandboxLayout layout, CancellationToken cancellationToken)
    {
        if (OrphanProcesses.FindProcess(null, layout) is { } process
            && await RunningMachine.TryConnectAsync(process, watchHelper: null, layout, MonitorTimeout, context.Time, cancellationToken) is { } running)
        {
            await using (running)
            {
                await running.EndAsync(context.GuestGrace);
            }
        }

        await OrphanProcesses.KillAsync(null, layout, context.Time);
        if (problem is null && layout.HoldsNothing)
        {
            layout.RemoveAll();
            context.Log.HalfMadeRemoved(layout.Directory);
            return;
        }

        AddFailed(id, problem ?? $"its record {layout.RecordPath} is missing", layout);
    }

    private void AddFailed(string id, string problem, SandboxLayout layout)
    {
        var message = $"{problem}; what is in {layout.Directory} is kept: put the record right and restart the driver, or delete the sandbox";
        context.Log.RecordLost(id, message);
        registry.Add(id, new Machine(MachineRecord.Lost(id, message), MachineState.Failed, context));
    }

    private void AddRunning(MachineRecord record, ProcessIdentity process, RunningMachine running)
    {
        var machine = new Machine(record with { Process = process }, MachineState.Running, context);
        registry.Add(record.Spec.Id, machine);
        machine.Adopt(running);
    }

    private async Task AddIdleAsync(MachineRecord record, MachineRecord onDisk, MachineState state, SandboxLayout layout)
    {
        await OrphanProcesses.KillAsync(record, layout, context.Time);
        layout.RemoveRunDirectory();
        var idle = record with { Process = null };
        registry.Add(idle.Spec.Id, new Machine(idle, state, context));
        if (idle == onDisk)
        {
            return;
        }

        try
        {
            context.Records.Save(idle);
        }
        catch (IOException e)
        {
            // On a full disk it stays as it is, and the next driver finds out anew.
            context.Log.NotSaved(idle.Spec.Id, e.Message);
        }
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
