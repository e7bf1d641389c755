using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Events;

/// <summary>A machine is new or has changed.</summary>
internal sealed record MachineChanged(MachineSnapshot Snapshot) : IDriverEvent
{
    public string SandboxId => Snapshot.Spec.Id;
}
