using System.Net;
using OpenShell.Gateway.Configuration;

namespace OpenShell.Gateway.Compute;

/// <summary>How the gateway runs its driver.</summary>
/// <param name="SupervisorEndpoint">Where guests reach us: unix:PATH or tcp:ADDRESS:PORT.</param>
/// <param name="Acceleration">auto, kvm or tcg.</param>
/// <param name="MinFreeDisk">A size, 0 or auto.</param>
internal sealed record DriverLaunchOptions(
    string Binary, string Socket, string StateDirectory, string SupervisorEndpoint, string Acceleration, string MinFreeDisk, LogLevel LogLevel)
{
    /// <summary>Finds the driver and puts its options together.</summary>
    /// <exception cref="IOException">The binary is nowhere; the message says where it was looked for.</exception>
    public static DriverLaunchOptions From(GatewayOptions options, StateDirectory state)
    {
        var (binary, tried) = DriverLocator.Find(options.DriverDirectory);
        if (binary is null)
        {
            throw new IOException(
                $"{DriverLocator.BinaryName} was not found in {string.Join(", ", tried)}; give its directory with --driver-dir");
        }

        var endpoint = options.SupervisorListener is IPEndPoint tcp
            ? $"tcp:{tcp}"
            : $"unix:{options.SupervisorListener ?? (object)state.SupervisorSocket}";
        var driverState = options.DriverStateDirectory ?? Path.Combine(Path.GetDirectoryName(state.Path)!, "vm-driver");
        return new DriverLaunchOptions(
            binary, state.DriverSocket, driverState, endpoint, options.Acceleration, options.MinFreeDisk, options.LogLevel);
    }
}
