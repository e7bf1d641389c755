using System.Globalization;

namespace OpenShell.Supervisor.Helper;

/// <summary>What a machine's helper is told: all of it, in this order.</summary>
/// <param name="ProcessId">QEMU.</param>
/// <param name="StartTicks">When that process started, in clock ticks since the host booted.</param>
/// <param name="Port">Of the uplink, on the loopback of QEMU's network namespace.</param>
/// <param name="Endpoint">The gateway's: unix:PATH or tcp:ADDRESS:PORT.</param>
/// <param name="ConsoleSocketPath">Where QEMU brings the console.</param>
/// <param name="DriverSocketPath">Where drivers connect.</param>
/// <param name="ConsolePath">The file that keeps the console.</param>
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
