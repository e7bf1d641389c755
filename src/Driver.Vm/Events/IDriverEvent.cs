namespace OpenShell.Driver.Vm.Events;

/// <summary>Something that watchers learn.</summary>
internal interface IDriverEvent
{
    string SandboxId { get; }
}
