namespace OpenShell.Driver.Vm.Events;

/// <summary>Nothing is left of a machine.</summary>
/// <param name="SandboxId">The sandbox.</param>
/// <param name="Version">Higher than that of each of its snapshots.</param>
internal sealed record MachineRemoved(string SandboxId, long Version) : IDriverEvent;
