using System.Globalization;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Processes;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>
/// Starts QEMU so that it outlives this process, through <c>openshell-supervisor launch</c>: in a session and, where it is
/// asked for, a network namespace of its own, with limits. Everything that goes wrong comes back in QEMU's own words.
/// </summary>
internal sealed class QemuLauncher(DriverOptions options)
{
    // QEMU has some thirty. The rest is for the guest: each connection takes one, and so does each port that it sends a
    // datagram from, for four minutes. One that uses them up has no uplink for as long.
    private const int OpenFiles = 1024;

    /// <summary>Starts the launcher, which is QEMU's process already and waits for <see cref="StartingProcess.ContinueAsync"/>.</summary>
    /// <exception cref="IOException">It cannot be started; the message is for people.</exception>
    public async Task<StartingProcess> PrepareAsync(string programPath, QemuMachine machine, CancellationToken cancellationToken)
    {
        var process = StartingProcess.Start(options.SupervisorPath, Arguments(programPath, machine));
        try
        {
            return await process.WaitUntilReadyAsync(cancellationToken) is { } problem ? throw new IOException(problem) : process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private static IReadOnlyList<string> Arguments(string programPath, QemuMachine machine) =>
    [
        "launch",
        "--network", machine.HasOwnNetwork ? "own" : "host",
        // A core would hold the guest's memory.
        "--limit", "core=0",
        "--limit", string.Create(CultureInfo.InvariantCulture, $"nofile={OpenFiles}"),
        "--limit", string.Create(CultureInfo.InvariantCulture, $"data={QemuMemory.LimitOf(machine).Bytes}"),
        .. machine.ProcessorSeconds is { } seconds ? (string[])["--limit", string.Create(CultureInfo.InvariantCulture, $"cpu={seconds}")] : [],
        "--", programPath,
        .. QemuCommandLine.Build(machine),
    ];
}
