namespace OpenShell.Driver.Vm.Records;

/// <summary>What the gateway last asked for.</summary>
internal enum DesiredState
{
    Running,
    Stopped,
    Deleted,
}
