using System.Net;

namespace OpenShell.Gateway.Configuration;

/// <summary>What the command line and the environment say. Everything else has its defaults beside its use.</summary>
internal sealed record GatewayOptions
{
    /// <summary>Port of the public listener (as OpenShell's).</summary>
    public const int DefaultPort = 17670;

    /// <summary>A day: long enough that an outage of the gateway costs no supervisor its way back, short enough for a token that leaks.</summary>
    public static readonly TimeSpan DefaultSandboxTokenLifetime = TimeSpan.FromHours(24);

    /// <summary>Address of the public listener; loopback, unless the user opens it.</summary>
    public IPAddress BindAddress { get; init; } = IPAddress.Loopback;

    /// <summary>Port of the public listener; 0 takes a free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Port for /healthz and /readyz over HTTP/1.1; null has none (the public listener serves them over HTTP/2).</summary>
    public int? HealthPort { get; init; }

    /// <summary>Port for /metrics over HTTP/1.1, on loopback; null has none.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>Where the public SSH gateway listens; port 0 takes a free one; null has none.</summary>
    public IPEndPoint? SshBind { get; init; }

    /// <summary>What is sent over OTLP.</summary>
    public OtlpSignals Otlp { get; init; }

    /// <summary>Secrets, the socket for supervisors and, by default, the database and the driver's state.</summary>
    public required string StateDirectory { get; init; }

    public required DatabaseUrl Database { get; init; }

    /// <summary>Path of the socket for this user's own programs; null is one in the state directory.</summary>
    public string? LocalSocket { get; init; }

    /// <summary>Begin with an empty database where there was one, and take the driver's sandboxes into it.</summary>
    public bool NewDatabase { get; init; }

    /// <summary>Where supervisors connect; null is a socket in the state directory.</summary>
    public EndPoint? SupervisorListener { get; init; }

    /// <summary>Lets callers on the public listener in without a token. Loopback only.</summary>
    public bool AllowUnauthenticatedUsers { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>A driver that somebody else runs; null: the gateway runs its own.</summary>
    public string? ComputeDriverSocket { get; init; }

    /// <summary>Where the driver's binary is looked for first.</summary>
    public string? DriverDirectory { get; init; }

    /// <summary>State directory of the driver; null is one beside the gateway's.</summary>
    public string? DriverStateDirectory { get; init; }

    /// <summary>Passed on to the driver: auto, kvm or tcg.</summary>
    public string Acceleration { get; init; } = "auto";

    /// <summary>Passed on to the driver: free space below which no sandbox is made; a size, 0 or auto.</summary>
    public string MinFreeDisk { get; init; } = "auto";

    /// <summary>Time between heartbeats, both ways; a session that is silent for three of them is over.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Life of a sandbox token; sessions renew theirs at about 80 % of it.</summary>
    public TimeSpan SandboxTokenLifetime { get; init; } = DefaultSandboxTokenLifetime;

    /// <summary>From a create or start to READY; what takes longer has failed.</summary>
    public TimeSpan ProvisioningTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>First delay of a start by a restart policy.</summary>
    public TimeSpan RestartDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest delay of a start by a restart policy.</summary>
    public TimeSpan MaxRestartDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time of readiness after which the delays begin anew.</summary>
    public TimeSpan RestartReset { get; init; } = TimeSpan.FromMinutes(10);
}
