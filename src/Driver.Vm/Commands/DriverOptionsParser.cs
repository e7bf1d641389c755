using System.Globalization;
using Microsoft.Extensions.Logging;
using OpenShell.Driver.Vm.Admission;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Quantities;
using OpenShell.Protocol;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Vm.Commands;

/// <summary>Checks the options, all of them, and reports every error together.</summary>
internal static class DriverOptionsParser
{
    private static readonly Dictionary<string, LogLevel> LogLevels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["trace"] = LogLevel.Trace,
        ["debug"] = LogLevel.Debug,
        ["info"] = LogLevel.Information,
        ["information"] = LogLevel.Information,
        ["warn"] = LogLevel.Warning,
        ["warning"] = LogLevel.Warning,
        ["error"] = LogLevel.Error,
    };

    public static Outcome<DriverOptions> Parse(ServeTexts texts)
    {
        List<string> problems = [];
        var options = new DriverOptions
        {
            SocketPath = ParsePath("--socket", texts.Socket, problems),
            StateDirectory = ParsePath("--state-dir", texts.StateDirectory, problems),
            GuestDirectory = ParsePath("--guest-dir", texts.GuestDirectory, problems),
            SupervisorPath = ParsePath("--supervisor", texts.Supervisor, problems),
            SupervisorEndpoint = ParseEndpoint(texts.SupervisorEndpoint, problems)!,
            Acceleration = ParseAcceleration(texts.Acceleration, problems),
            VirtualCpus = ParseCpus(texts.VirtualCpus, problems),
            Memory = ParseBytes("--memory", texts.Memory, MachineSizes.MinMemory, problems),
            Disk = ParseBytes("--disk", texts.Disk, MachineSizes.MinDisk, problems),
            MinFreeDisk = ParseMinFreeDisk(texts.MinFreeDisk, problems),
            DefaultImage = texts.DefaultImage ?? "",
            LogLevel = ParseLogLevel(texts.LogLevel, problems),
            EndWithStandardInput = ParseLifeline(texts.Lifeline, problems),
            SearchPath = Environment.GetEnvironmentVariable("PATH"),
        };
        return problems.Count == 0 ? options : new Failure(FailureKind.InvalidArgument, string.Join("; ", problems));
    }

    private static string ParsePath(string option, string? text, List<string> problems)
    {
        if (string.IsNullOrEmpty(text))
        {
            problems.Add($"{option} is required");
            return "";
        }

        // QEMU's options have no way to carry these.
        if (text.Any(char.IsControl))
        {
            problems.Add($"{option} holds a control character");
            return "";
        }

        return Path.GetFullPath(text);
    }

    private static DialEndpoint? ParseEndpoint(string? text, List<string> problems)
    {
        if (text is null)
        {
            problems.Add("--supervisor-endpoint is required");
        }
        else if (text.Any(char.IsControl))
        {
            problems.Add("--supervisor-endpoint holds a control character");
        }
        else if (DialEndpoint.TryParse(text, out var endpoint, out var error))
        {
            return endpoint;
        }
        else
        {
            problems.Add($"--supervisor-endpoint: {error}");
        }

        return null;
    }

    private static AccelerationMode ParseAcceleration(string? text, List<string> problems)
    {
        switch (text)
        {
            case "auto":
                return AccelerationMode.Auto;
            case "kvm":
                return AccelerationMode.Kvm;
            case "tcg":
                return AccelerationMode.Tcg;
            default:
                problems.Add($"--accel '{text}' is not one of auto, kvm, tcg");
                return default;
        }
    }

    private static int ParseCpus(string? text, List<string> problems)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var cpus) && cpus > 0 && cpus <= Environment.ProcessorCount)
        {
            return cpus;
        }

        problems.Add($"--vcpus '{text}' is not a number from 1 to {Environment.ProcessorCount}, which is what the host has");
        return 0;
    }

    private static ByteCount ParseBytes(string option, string? text, ByteCount min, List<string> problems)
    {
        if (ByteCount.TryParse(text, out var bytes) && bytes >= min)
        {
            return bytes;
        }

        problems.Add($"{option} '{text}' is not a size of at least {min}, such as 512MiB");
        return default;
    }

    private static ByteCount? ParseMinFreeDisk(string? text, List<string> problems)
    {
        switch (text)
        {
            case null or "auto":
                return null;
            case "0":
                return default(ByteCount);
            case var _ when ByteCount.TryParse(text, out var bytes):
                return bytes;
            default:
                problems.Add($"--min-free-disk '{text}' is not auto, 0 or a size such as 2GiB");
                return null;
        }
    }

    private static LogLevel ParseLogLevel(string? text, List<string> problems)
    {
        if (text is not null && LogLevels.TryGetValue(text, out var level))
        {
            return level;
        }

        problems.Add($"--log-level '{text}' is not one of trace, debug, info, warn, error");
        return default;
    }

    private static bool ParseLifeline(string? text, List<string> problems)
    {
        if (text is not (null or "stdin"))
        {
            problems.Add($"--lifeline '{text}' is not stdin");
        }

        return text is not null;
    }
}
