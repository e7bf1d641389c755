namespace OpenShell.Driver.Vm.Qemu;

/// <summary>What executes the guest's instructions.</summary>
internal enum Accelerator
{
    /// <summary>The processor.</summary>
    Kvm,

    /// <summary>QEMU's own translator: slower, works everywhere.</summary>
    Tcg,
}
