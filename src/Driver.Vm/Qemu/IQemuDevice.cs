namespace OpenShell.Driver.Vm.Qemu;

/// <summary>Something that a machine has: its share of QEMU's command line.</summary>
internal interface IQemuDevice
{
    /// <summary>The options, ready for argv.</summary>
    IEnumerable<string> Arguments { get; }
}
