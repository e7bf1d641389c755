using OpenShell.Driver.Vm.Native;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>How a start of QEMU ended: one of the two is set.</summary>
/// <param name="Process">The running QEMU, detached from this process.</param>
/// <param name="Error">QEMU's own words, or ours if it had none.</param>
internal sealed record QemuLaunch(ProcessIdentity? Process, string? Error)
{
    public static QemuLaunch Failed(string error) => new(null, error);
}
