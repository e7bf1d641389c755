using System.Globalization;
using System.Text;
using OpenShell.Linux;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Processes;
using OpenShell.Linux.Programs;
using OpenShell.Linux.Sockets;
using OpenShell.Supervisor.Native;
using OpenShell.Supervisor.Uplink;

namespace OpenShell.Supervisor.Helper;

/// <summary>
/// <c>openshell-supervisor machine-helper</c>: one process beside each QEMU, for as long as that runs. It carries all
/// connections of the guest to the gateway, and keeps the end of what the guest writes to its console. Drivers come and go.
/// </summary>
/// <remarks>
/// 1. The pidfd of QEMU is taken, and then its start time is compared: from there on no other process can be meant.
/// 2. Where QEMU has a network namespace of its own, the uplink listens in that, and this process stays outside, where
///    the gateway is. Otherwise QEMU starts a helper for each connection by itself, and there is nothing to listen on.
/// 3. "ready", and no descriptor of its starter is held any longer.
/// 4. It ends when QEMU has, with the end of the console written.
/// </remarks>
internal static class HelperCommand
{
    // Both sockets of each connection, the listeners, the drivers, files.
    private const ulong OpenFiles = (2 * UplinkListener.MaxConnections) + 64;

    // Not closed: its number leads to /dev/null afterwards.
    private static readonly FileDescriptor StandardOutput = new(1);

    public static int Run(HelperOptions options)
    {
        if (UplinkAddress.TryParse(options.Endpoint) is not { } gateway)
        {
            return Fail($"'{options.Endpoint}' is no endpoint: expected unix:PATH or tcp:ADDRESS:PORT", ExitCodes.Usage);
        }

        var qemu = ProcessDescriptor.TryOpen(options.ProcessId)?.Descriptor;
        if (qemu is null || ProcessIdentity.TryRead(options.ProcessId)?.StartTicks != options.StartTicks)
        {
            return Fail($"process {options.ProcessId} has ended", ExitCodes.NotFound);
        }

        try
        {
            _ = CurrentProcess.NewSession();
            ResourceLimits.RaiseOpenFiles(OpenFiles);
            using var loop = new HelperLoop();
            using var file = new ConsoleFile(options.ConsolePath);
            if (HasOwnNetwork(options.ProcessId))
            {
                _ = new UplinkListener(loop, Listen(qemu, options.Port), gateway);
            }

            var console = new ConsolePort(loop, Listen(options.ConsoleSocketPath), file);
            _ = new DriverPort(loop, Listen(options.DriverSocketPath));
            loop.Add(qemu, _ => loop.Stop()).Watch(read: true, write: false);
            _ = DescriptorIo.TryWrite(StandardOutput, "ready\n"u8);
            CurrentProcess.DetachStandardStreams();
            loop.Run();
            console.Drain();
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message, ExitCodes.Failed);
        }
    }

    private static FileDescriptor Listen(FileDescriptor qemu, ushort port)
    {
        var result = NativeSpawn.ListenIn(qemu, port, UplinkListener.SocketBufferBytes);
        return result >= 0
            ? new FileDescriptor(result)
            : throw new IOException($"cannot listen on port {port} in the machine's network namespace: {Errno.Text(-result)}");
    }

    private static FileDescriptor Listen(string path) =>
        NativeSocket.Listen(path, UplinkAddress.TryParse("unix:" + path) ?? throw new IOException($"'{path}' is no path of a socket"));

    private static bool HasOwnNetwork(int pid) =>
        File.ResolveLinkTarget(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net"), returnFinalTarget: false)?.Name
        != File.ResolveLinkTarget("/proc/self/ns/net", returnFinalTarget: false)?.Name;

    private static int Fail(string message, int code)
    {
        using var error = new FileDescriptor(2);
        _ = DescriptorIo.TryWrite(error, Encoding.UTF8.GetBytes($"openshell-supervisor machine-helper: {message}\n"));
        return code;
    }
}

/// <summary>What a machine's helper is told: all of it, in this order.</summary>
/// <param name="StartTicks">When that process started, in clock ticks since the host booted.</param>
/// <param name="Port">Of the uplink, on the loopback of QEMU's network namespace.</param>
/// <param name="Endpoint">The gateway's: unix:PATH or tcp:ADDRESS:PORT.</param>
/// <param name="ConsoleSocketPath">Where QEMU brings the console.</param>
internal sealed record HelperOptions(
    int ProcessId, long StartTicks, ushort Port, string Endpoint, string ConsoleSocketPath, string DriverSocketPath, string ConsolePath)
{
    /// <summary>Null: they are not as they should be.</summary>
    public static HelperOptions? TryParse(ReadOnlySpan<string> arguments) =>
        arguments is [var process, var started, var port, var endpoint, var console, var driver, var file]
        && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
        && long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out var startTicks)
        && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var portNumber)
            ? new HelperOptions(processId, startTicks, portNumber, endpoint, console, driver, file)
            : null;
}
