namespace OpenShell.Driver.Vm.Configuration;

/// <summary>What the operator asked for.</summary>
internal enum AccelerationMode
{
    /// <summary>KVM where a guest really runs under it, else TCG.</summary>
    Auto,

    /// <summary>KVM or nothing.</summary>
    Kvm,

    /// <summary>Software emulation.</summary>
    Tcg,
}
