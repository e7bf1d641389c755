using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using OpenShell.Gateway.Configuration;
using OpenShell.Protocol;

namespace OpenShell.Gateway.Hosting;

/// <summary>One option of the command line that has a value.</summary>
/// <param name="Default">An empty text leaves the options as they are.</param>
/// <param name="Expected">What a value is, to complete "… is not".</param>
/// <param name="Apply">The options with this value; null: it is none.</param>
internal sealed record GatewayArgument(
    string Name, string Variable, string Default, string Description, string Expected, Func<GatewayOptions, string, GatewayOptions?> Apply)
{
    /// <summary>What is wrong with a value that cannot be applied, if <see cref="Expected"/> does not say it.</summary>
    public Func<string, string>? Explain { get; init; }

    public Option<string> Option { get; } = EnvironmentOption(Name, Variable, Default, Description);

    /// <summary>The options with the value of the command line; what is wrong with it is added to <paramref name="errors"/>.</summary>
    public GatewayOptions Bind(GatewayOptions options, ParseResult parsed, List<string> errors)
    {
        var text = parsed.GetValue(Option) ?? "";
        if (Apply(options, text) is { } applied)
        {
            return applied;
        }

        errors.Add(Explain is null ? $"{Name} '{text}' is not {Expected}" : $"{Name}: {Explain(text)}");
        return options;
    }

    /// <summary>An option whose value may come from an environment variable; the option wins.</summary>
    public static Option<string> EnvironmentOption(string name, string variable, string otherwise, string description) => new(name)
    {
        Description = $"{description} [env: {variable}]",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : otherwise,
    };
}

/// <summary>The options of <c>openshell-gateway</c> that have values, in the order of its help; docs/gateway.md explains them.</summary>
internal static partial class GatewayArguments
{
    private const string APort = "a port from 0 to 65535";
    private const int LongestHeartbeat = 3600;
    private const int LongestTime = 7 * 86400;
    private const int LongestTokenLifetime = 366 * 86400;

    public static GatewayArgument[] BeforeStateDirectory =>
    [
        new("--bind-address", "OPENSHELL_BIND_ADDRESS", "127.0.0.1", "Address of the public listener", "an IP address",
            (o, text) => IPAddress.TryParse(text, out var address) ? o with { BindAddress = address } : null),
        new("--port", "OPENSHELL_SERVER_PORT", Number(GatewayOptions.DefaultPort), "Port of the public listener; 0 takes a free one", APort,
            (o, text) => Port(text) is { } port ? o with { Port = port } : null),
        new("--health-port", "OPENSHELL_HEALTH_PORT", "0", "Port of /healthz and /readyz over HTTP/1.1; 0 has none", APort,
            (o, text) => Port(text) is { } port ? o with { HealthPort = port > 0 ? port : null } : null),
        new("--metrics-port", "OPENSHELL_METRICS_PORT", "0", "Port of /metrics for Prometheus over HTTP/1.1, on loopback; 0 has none", APort,
            (o, text) => Port(text) is { } port ? o with { MetricsPort = port > 0 ? port : null } : null),
        new("--ssh-bind", "OPENSHELL_SSH_BIND", "",
            "ADDRESS:PORT of the public SSH gateway, such as 127.0.0.1:2222 [default: none]", "ADDRESS:PORT, such as 127.0.0.1:2222",
            // Without a port this would be one that nobody knows.
            (o, text) => text.Length == 0 ? o
                : text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endpoint) ? o with { SshBind = endpoint }
                : null),
    ];

    public static GatewayArgument[] AfterStateDirectory =>
    [
        new("--db-url", "OPENSHELL_DB_URL", "",
            "sqlite:PATH or sqlite::memory: [default: a file in the state directory]", "sqlite:PATH or sqlite::memory:",
            (o, text) => text.Length == 0 ? o : DatabaseUrl.TryParse(text, out var url) ? o with { Database = url } : null),
        new("--local-socket", "OPENSHELL_LOCAL_SOCKET", "",
            "Unix socket for this user's own programs, which need no token there [default: a socket in the state directory]", "",
            (o, text) => text.Length == 0 ? o : o with { LocalSocket = Path.GetFullPath(text) }),
        new("--supervisor-listen", "OPENSHELL_SUPERVISOR_LISTEN", "",
            "Where supervisors connect: unix:PATH or tcp:ADDRESS:PORT [default: a socket in the state directory]", "",
            (o, text) => text.Length == 0 ? o
                : DialEndpoint.TryParse(text, out var endpoint, out _) ? o with { SupervisorListener = endpoint.EndPoint }
                : null)
        {
            Explain = static text => DialEndpoint.TryParse(text, out _, out var error) ? "" : error,
        },
        new("--compute-driver-socket", "OPENSHELL_COMPUTE_DRIVER_SOCKET", "", "Use a driver that runs already, at this Unix socket", "",
            (o, text) => o with { ComputeDriverSocket = Given(text) }),
        new("--driver-dir", "OPENSHELL_DRIVER_DIR", "",
            "Where openshell-driver-vm is [default: beside the gateway, ~/.local/libexec/openshell, /usr/libexec/openshell]", "",
            (o, text) => o with { DriverDirectory = Given(text) }),
        new("--driver-state-dir", "OPENSHELL_DRIVER_STATE_DIR", "", "State of the driver [default: vm-driver beside the state directory]", "",
            (o, text) => o with { DriverStateDirectory = Given(text) }),
        new("--accel", "OPENSHELL_VM_ACCEL", "auto", "Acceleration of the microVMs: auto, kvm or tcg", "auto, kvm or tcg",
            (o, text) => text is "auto" or "kvm" or "tcg" ? o with { Acceleration = text } : null),
        new("--min-free-disk", "OPENSHELL_MIN_FREE_DISK", "auto",
            "Free space at the driver's state below which no sandbox is made: a size, 0, or auto (1GiB or 2 % of the file system, whichever is more)",
            "auto, 0 or a size such as 2GiB",
            // The driver knows what a size is; a text that it would refuse would keep it from starting.
            (o, text) => SizeText().IsMatch(text) ? o with { MinFreeDisk = text } : null),
        new("--heartbeat-interval", "OPENSHELL_HEARTBEAT_INTERVAL", "15",
            "Seconds between heartbeats of a supervisor session; three without a word end it", SecondsUpTo(LongestHeartbeat),
            (o, text) => Seconds(text, LongestHeartbeat) is { } interval ? o with { HeartbeatInterval = interval } : null),
        new("--sandbox-token-ttl", "OPENSHELL_SANDBOX_TOKEN_TTL", "86400",
            "Seconds that a sandbox token is good for; sessions renew it in time", SecondsUpTo(LongestTokenLifetime),
            (o, text) => Seconds(text, LongestTokenLifetime) is { } lifetime ? o with { SandboxTokenLifetime = lifetime } : null),
        new("--provisioning-timeout", "OPENSHELL_PROVISIONING_TIMEOUT", "900",
            "Seconds from a create or start until a sandbox is ready; what takes longer has failed, and its machine is stopped", SecondsUpTo(LongestTime),
            (o, text) => Seconds(text, LongestTime) is { } timeout ? o with { ProvisioningTimeout = timeout } : null),
        new("--restart-delay", "OPENSHELL_RESTART_DELAY", "1",
            "Seconds until a restart policy starts a sandbox again; each further time twice as many", SecondsUpTo(LongestTime),
            (o, text) => Seconds(text, LongestTime) is { } delay ? o with { RestartDelay = delay } : null),
        new("--max-restart-delay", "OPENSHELL_MAX_RESTART_DELAY", "300", "Seconds that a restart policy waits at most", SecondsUpTo(LongestTime),
            (o, text) => Seconds(text, LongestTime) is { } delay ? o with { MaxRestartDelay = delay } : null),
        new("--restart-reset", "OPENSHELL_RESTART_RESET", "600",
            "Seconds that a sandbox must be ready for its restart policy to count from 0 again", SecondsUpTo(LongestTime),
            (o, text) => Seconds(text, LongestTime) is { } reset ? o with { RestartReset = reset } : null),
        new("--log-level", "OPENSHELL_LOG_LEVEL", "info", "trace, debug, info, warn or error", "trace, debug, info, warn or error",
            (o, text) => Level(text) is { } level ? o with { LogLevel = level } : null),
    ];

    private static string? Given(string text) => text.Length > 0 ? text : null;

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static int? Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort ? port : null;

    private static TimeSpan? Seconds(string text, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds >= 1 && seconds <= max
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static string SecondsUpTo(int max) => $"a number of seconds from 1 to {Number(max)}";

    private static LogLevel? Level(string text) => text.ToUpperInvariant() switch
    {
        "TRACE" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "INFO" or "INFORMATION" => LogLevel.Information,
        "WARN" or "WARNING" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        _ => null,
    };

    [GeneratedRegex(@"^(auto|0|(?=.*[1-9])[0-9]+(\.[0-9]+)?([KMGT]i?|k)?B?)$", RegexOptions.CultureInvariant)]
    private static partial Regex SizeText();
}
