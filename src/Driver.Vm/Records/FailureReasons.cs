namespace OpenShell.Driver.Vm.Records;

/// <summary>Reasons of the condition Ready=False that the gateway reads as an error.</summary>
internal static class FailureReasons
{
    /// <summary>QEMU ended although nobody asked for it.</summary>
    public const string ProcessExited = nameof(ProcessExited);

    /// <summary>The machine could not be started.</summary>
    public const string ProvisioningFailed = nameof(ProvisioningFailed);

    /// <summary>What was known of it is lost or cannot be read; its disk is kept.</summary>
    public const string RecordLost = nameof(RecordLost);
}
