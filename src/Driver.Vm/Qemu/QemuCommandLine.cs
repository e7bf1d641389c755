using System.Globalization;
using OpenShell.Driver.Vm.Quantities;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>The one place where QEMU's command line is put together.</summary>
internal static class QemuCommandLine
{
    // No PIT and no PIC: the kernel ignores both under this machine's reduced ACPI, and emulating them costs.
    private const string MachineType = "microvm,acpi=on,pit=off,pic=off";

    private const string Sandbox = "on,obsolete=deny,resourcecontrol=deny,elevateprivileges=deny,spawn=deny";

    // With a restricted network slirp starts helpers, and elevateprivileges=deny would forbid them setsid.
    private const string SpawningSandbox = "on,obsolete=deny,resourcecontrol=deny";

    /// <summary>Translated code at most: QEMU's default is a quarter of the guest's memory, at least 1 GiB by its own count.</summary>
    public static readonly ByteCount TranslatedCode = ByteCount.FromMebibytes(256);

    /// <summary>The arguments for a machine, without the program's name.</summary>
    public static IReadOnlyList<string> Build(QemuMachine machine)
    {
        List<string> arguments =
        [
            "-name", QemuText.Value(machine.Name),
            "-M", MachineType,
            .. AcceleratorArguments(machine.Accelerator),
            "-smp", machine.VirtualCpus.ToString(CultureInfo.InvariantCulture),
            "-m", string.Create(CultureInfo.InvariantCulture, $"{machine.Memory.Mebibytes}M"),
            "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none",
            "-sandbox", machine.HasOwnNetwork ? Sandbox : SpawningSandbox,
            "-pidfile", machine.PidFilePath,
            "-kernel", machine.KernelPath,
            "-append", string.Join(' ', machine.KernelArguments),
        ];
        if (machine.InitramfsPath is not null)
        {
            arguments.AddRange(["-initrd", machine.InitramfsPath]);
        }

        arguments.AddRange(machine.Devices.SelectMany(device => device.Arguments));
        return arguments;
    }

    private static string[] AcceleratorArguments(Accelerator accelerator) => accelerator switch
    {
        Accelerator.Kvm => ["-accel", "kvm", "-cpu", "host"],
        _ => ["-accel", string.Create(CultureInfo.InvariantCulture, $"tcg,thread=multi,tb-size={TranslatedCode.Mebibytes}"), "-cpu", "max"],
    };
}
