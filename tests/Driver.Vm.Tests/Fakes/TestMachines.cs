using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Quantities;

namespace OpenShell.Driver.Vm.Tests.Fakes;

internal static class TestMachines
{
    public static QemuMachine New(string pidFilePath) => new()
    {
        Name = "openshell-x",
        Accelerator = Accelerator.Tcg,
        VirtualCpus = 3,
        Memory = ByteCount.FromMebibytes(512),
        KernelPath = "/k/vmlinux",
        InitramfsPath = "/k/initramfs",
        KernelArguments = ["quiet"],
        HasOwnNetwork = false,
        PidFilePath = pidFilePath,
        Devices = [],
    };
}
