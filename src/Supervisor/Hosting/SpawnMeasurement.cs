using System.Diagnostics;
using System.Globalization;
using System.Text;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Programs;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Policy;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Hosting;

/// <summary><c>openshell-supervisor measure-spawn [COUNT]</c>: the engine alone, for bench/. One JSON object on standard output.</summary>
internal static class SpawnMeasurement
{
    private const int WarmUp = 50;
    private const int DefaultCount = 1000;

    public static async Task<int> RunAsync(string? countText)
    {
        var count = DefaultCount;
        if (countText is not null && (!int.TryParse(countText, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count == 0))
        {
            return ExitCodes.Usage;
        }

        var log = new SupervisorLog();
        var planner = new LaunchPlanner(new UserDatabase("/etc"), new SandboxEnvironment(new Dictionary<string, string>()), defaultUser: "");
        var launcher = new ProcessLauncher(new Reaper(), new EventLoop(), planner, new Confinement(null, "", log));
        var spec = new ProcessSpec(["true"], new Dictionary<string, string>(), "/", "", Terminal: null, LoginShell: false);
        var milliseconds = new List<double>(count);
        for (var i = -WarmUp; i < count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            if (!launcher.Start(spec).Succeeded(out var process, out var failure))
            {
                log.Error(failure.Message);
                return ExitCodes.Failed;
            }

            await process.Exited;
            process.Dispose();
            if (i >= 0)
            {
                milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        milliseconds.Sort();
        Print(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"spawn_p50_ms\":{At(milliseconds, 0.50):F3},\"spawn_p99_ms\":{At(milliseconds, 0.99):F3},\"spawns\":{count}}}\n"));
        return ExitCodes.Ok;
    }

    private static double At(List<double> sorted, double quantile) => sorted[(int)(quantile * (sorted.Count - 1))];

    private static void Print(string line)
    {
        using var output = new FileDescriptor(1);
        _ = DescriptorIo.TryWrite(output, Encoding.UTF8.GetBytes(line));
    }
}
