using System.Globalization;
using OpenShell.Driver.Vm.Qemu;

namespace OpenShell.Driver.Vm.Guest;

/// <summary>The guests' kernel command line. docs/performance.md says what each argument brought.</summary>
internal static class KernelArguments
{
    private static readonly string[] Common =
    [
        "console=ttyS0", "quiet",
        // A guest that reboots or panics ends its QEMU (-no-reboot) at once.
        "reboot=t", "panic=-1",
        // The self-tests of the kernel's ciphers take 0.2 s of an emulated boot.
        "cryptomgr.notests",
    ];

    /// <param name="counterKilohertz">Frequency of the host's time stamp counter, where known.</param>
    public static IReadOnlyList<string> Build(Accelerator accelerator, long? counterKilohertz)
    {
        if (accelerator == Accelerator.Kvm)
        {
            return Common;
        }

        // There is no speculation to mitigate in an emulated processor.
        List<string> arguments = [.. Common, "mitigations=off"];
        if (counterKilohertz is { } kilohertz)
        {
            arguments.Add(string.Create(CultureInfo.InvariantCulture, $"tsc_early_khz={kilohertz}"));
            // The kernel would check the counter against timer interrupts, which an emulated machine loses, give it up,
            // and count those instead: such a clock falls behind by seconds every minute. QEMU's counter is the host's.
            arguments.Add("tsc=reliable");
        }

        return arguments;
    }
}
