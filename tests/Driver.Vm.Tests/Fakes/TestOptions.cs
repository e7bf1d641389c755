using Microsoft.Extensions.Logging;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Quantities;
using OpenShell.Protocol;

namespace OpenShell.Driver.Vm.Tests.Fakes;

internal static class TestOptions
{
    public static DriverOptions New(string directory)
    {
        var path = Path.Combine(directory, "sup.sock");
        var endpoint = DialEndpoint.TryParse("unix:" + path, out var parsed, out var error) ? parsed : throw new ArgumentException(error, nameof(directory));
        return new DriverOptions
        {
            SocketPath = Path.Combine(directory, "d", "driver.sock"),
            StateDirectory = Path.Combine(directory, "state"),
            GuestDirectory = Path.Combine(directory, "guest"),
            SupervisorPath = Path.Combine(directory, "supervisor"),
            SupervisorEndpoint = endpoint,
            Acceleration = AccelerationMode.Tcg,
            VirtualCpus = 1,
            Memory = ByteCount.FromMebibytes(256),
            Disk = ByteCount.FromMebibytes(4096),
            DefaultImage = "tiny",
            LogLevel = LogLevel.Debug,
            SearchPath = directory,
        };
    }
}
