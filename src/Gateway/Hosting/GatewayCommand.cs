using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using OpenShell.Gateway.Configuration;
using OpenShell.Linux.Programs;
using OpenShell.Protocol;

namespace OpenShell.Gateway.Hosting;

/// <summary>The command line of <c>openshell-gateway</c>. Every option has an environment variable; the option wins.</summary>
internal sealed partial class GatewayCommand
{
    private readonly Option<string> _bindAddress = Text("--bind-address", "OPENSHELL_BIND_ADDRESS", "127.0.0.1", "Address of the public listener");
    private readonly Option<string> _port = Text("--port", "OPENSHELL_SERVER_PORT", Number(GatewayOptions.DefaultPort), "Port of the public listener; 0 takes a free one");
    private readonly Option<string> _healthPort = Text("--health-port", "OPENSHELL_HEALTH_PORT", "0", "Port of /healthz and /readyz over HTTP/1.1; 0 has none");
    private readonly Option<string> _metricsPort = Text("--metrics-port", "OPENSHELL_METRICS_PORT", "0", "Port of /metrics for Prometheus over HTTP/1.1, on loopback; 0 has none");
    private readonly Option<string> _sshBind = Text("--ssh-bind", "OPENSHELL_SSH_BIND", "", "ADDRESS:PORT of the public SSH gateway, such as 127.0.0.1:2222 [default: none]");
    private readonly Option<string> _stateDir = Text("--state-dir", "OPENSHELL_STATE_DIR", "", "Secrets, sockets and, by default, the database [default: $XDG_STATE_HOME/openshell/gateway]");
    private readonly Option<string> _dbUrl = Text("--db-url", "OPENSHELL_DB_URL", "", "sqlite:PATH or sqlite::memory: [default: a file in the state directory]");
    private readonly Option<string> _localSocket = Text("--local-socket", "OPENSHELL_LOCAL_SOCKET", "", "Unix socket for this user's own programs, which need no token there [default: a socket in the state directory]");
    private readonly Option<string> _supervisorListener = Text("--supervisor-listen", "OPENSHELL_SUPERVISOR_LISTEN", "", "Where supervisors connect: unix:PATH or tcp:ADDRESS:PORT [default: a socket in the state directory]");
    private readonly Option<string> _driverSocket = Text("--compute-driver-socket", "OPENSHELL_COMPUTE_DRIVER_SOCKET", "", "Use a driver that runs already, at this Unix socket");
    private readonly Option<string> _driverDir = Text("--driver-dir", "OPENSHELL_DRIVER_DIR", "", "Where openshell-driver-vm is [default: beside the gateway, ~/.local/libexec/openshell, /usr/libexec/openshell]");
    private readonly Option<string> _driverStateDir = Text("--driver-state-dir", "OPENSHELL_DRIVER_STATE_DIR", "", "State of the driver [default: vm-driver beside the state directory]");
    private readonly Option<string> _acceleration = Text("--accel", "OPENSHELL_VM_ACCEL", "auto", "Acceleration of the microVMs: auto, kvm or tcg");
    private readonly Option<string> _minFreeDisk = Text("--min-free-disk", "OPENSHELL_MIN_FREE_DISK", "auto", "Free space at the driver's state below which no sandbox is made: a size, 0, or auto (1GiB or 2 % of the file system, whichever is more)");
    private readonly Option<string> _heartbeat = Text("--heartbeat-interval", "OPENSHELL_HEARTBEAT_INTERVAL", "15", "Seconds between heartbeats of a supervisor session; three without a word end it");
    private readonly Option<string> _tokenLifetime = Text("--sandbox-token-ttl", "OPENSHELL_SANDBOX_TOKEN_TTL", "86400", "Seconds that a sandbox token is good for; sessions renew it in time");
    private readonly Option<string> _logLevel = Text("--log-level", "OPENSHELL_LOG_LEVEL", "info", "trace, debug, info, warn or error");
    private readonly Option<bool> _newDatabase = new("--new-database")
    {
        Description = "If the database is lost: begin a new one, and take the sandboxes that the driver keeps into it, stopped",
    };

    private readonly Option<bool> _allowUnauthenticated = new("--allow-unauthenticated-users")
    {
        Description = "Let callers on this machine in without a token (development) [env: OPENSHELL_ALLOW_UNAUTHENTICATED_USERS]",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("OPENSHELL_ALLOW_UNAUTHENTICATED_USERS") is "1" or "true",
    };

    private readonly LimitArguments _limits = new();

    /// <summary>The command, which calls <paramref name="run"/> with options that make sense.</summary>
    public RootCommand Create(Func<GatewayOptions, GatewayLimits, CancellationToken, Task<int>> run)
    {
        var command = new RootCommand("The OpenShell gateway: the public API, the sessions of the supervisors, and the compute driver behind them.")
        {
            _bindAddress, _port, _healthPort, _metricsPort, _sshBind, _stateDir, _dbUrl, _localSocket, _supervisorListener,
            _driverSocket, _driverDir, _driverStateDir, _acceleration, _minFreeDisk, _heartbeat, _tokenLifetime, _logLevel, _newDatabase,
            _allowUnauthenticated,
        };
        _stateDir.Recursive = true;
        command.Subcommands.Add(AdminTokenCommand.Create(StateDirectoryOf));
        foreach (var limit in _limits.All)
        {
            command.Options.Add(limit);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            var errors = new List<string>();
            var options = Bind(parsed, errors);
            var limits = _limits.Bind(parsed, errors);
            if (errors.Count == 0)
            {
                return run(options, limits, cancellationToken);
            }

            errors.ForEach(e => Console.Error.WriteLine($"openshell-gateway: {e}"));
            return Task.FromResult(ExitCodes.Usage);
        });
        return command;
    }

    private GatewayOptions Bind(ParseResult parsed, List<string> errors)
    {
        var stateDir = StateDirectoryOf(parsed);
        var options = new GatewayOptions
        {
            BindAddress = Check(IPAddress.TryParse(parsed.GetValue(_bindAddress), out var address) ? address : null, _bindAddress, "an IP address") ?? IPAddress.Loopback,
            Port = Port(_port),
            HealthPort = Port(_healthPort) is var health and > 0 ? health : null,
            MetricsPort = Port(_metricsPort) is var metrics and > 0 ? metrics : null,
            SshBind = SshBind(),
            Otlp = OtlpSignals.From(Environment.GetEnvironmentVariable),
            StateDirectory = stateDir,
            Database = DatabaseUrl.TryParse(Value(_dbUrl) ?? $"sqlite:{Path.Combine(stateDir, "openshell.db")}", out var url)
                ? url
                : Bad<DatabaseUrl>(_dbUrl, "sqlite:PATH or sqlite::memory:") ?? new DatabaseUrl((string?)null),
            LocalSocket = Value(_localSocket) is { } socket ? Path.GetFullPath(socket) : null,
            NewDatabase = parsed.GetValue(_newDatabase),
            SupervisorListener = Listener(),
            ComputeDriverSocket = Value(_driverSocket),
            DriverDirectory = Value(_driverDir),
            DriverStateDirectory = Value(_driverStateDir),
            Acceleration = Check(parsed.GetValue(_acceleration) is "auto" or "kvm" or "tcg" ? parsed.GetValue(_acceleration) : null, _acceleration, "auto, kvm or tcg") ?? "auto",
            MinFreeDisk = Size(_minFreeDisk),
            HeartbeatInterval = Seconds(_heartbeat, 3600),
            SandboxTokenLifetime = Seconds(_tokenLifetime, 366 * 86400),
            LogLevel = Level(),
            AllowUnauthenticatedUsers = parsed.GetValue(_allowUnauthenticated),
        };
        if (options.AllowUnauthenticatedUsers && !IPAddress.IsLoopback(options.BindAddress))
        {
            errors.Add($"--allow-unauthenticated-users needs a loopback --bind-address; {options.BindAddress} is none");
        }

        return options;

        string? Value(Option<string> option) => parsed.GetValue(option) is { Length: > 0 } value ? value : null;

        T? Check<T>(T? value, Option<string> option, string expected)
            where T : class => value ?? Bad<T>(option, expected);

        T? Bad<T>(Option<string> option, string expected)
            where T : class
        {
            errors.Add($"{option.Name} '{parsed.GetValue(option)}' is not {expected}");
            return null;
        }

        int Port(Option<string> option)
        {
            if (int.TryParse(parsed.GetValue(option), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                && port <= IPEndPoint.MaxPort)
            {
                return port;
            }

            Bad<string>(option, "a port from 0 to 65535");
            return 0;
        }

        TimeSpan Seconds(Option<string> option, int max)
        {
            if (int.TryParse(parsed.GetValue(option), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && seconds >= 1 && seconds <= max)
            {
                return TimeSpan.FromSeconds(seconds);
            }

            Bad<string>(option, $"a number of seconds from 1 to {max}");
            return default;
        }

        // The driver knows what a size is; a text that it would refuse would keep it from starting.
        string Size(Option<string> option) =>
            parsed.GetValue(option) is { } text && SizeText().IsMatch(text) ? text : Bad<string>(option, "auto, 0 or a size such as 2GiB") ?? "auto";

        IPEndPoint? SshBind() => Value(_sshBind) switch
        {
            null => null,
            // Without a port this would be one that nobody knows.
            var text when text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endpoint) => endpoint,
            _ => Bad<IPEndPoint>(_sshBind, "ADDRESS:PORT, such as 127.0.0.1:2222"),
        };

        EndPoint? Listener()
        {
            if (Value(_supervisorListener) is { } text && !DialEndpoint.TryParse(text, out _, out var error))
            {
                errors.Add($"--supervisor-listen: {error}");
                return null;
            }

            return DialEndpoint.TryParse(Value(_supervisorListener), out var endpoint, out _) ? endpoint.EndPoint : null;
        }

        LogLevel Level() => parsed.GetValue(_logLevel)?.ToUpperInvariant() switch
        {
            "TRACE" => LogLevel.Trace,
            "DEBUG" => LogLevel.Debug,
            "INFO" or "INFORMATION" => LogLevel.Information,
            "WARN" or "WARNING" => LogLevel.Warning,
            "ERROR" => LogLevel.Error,
            _ => Bad<string>(_logLevel, "trace, debug, info, warn or error") is null ? LogLevel.Information : default,
        };
    }

    private string StateDirectoryOf(ParseResult parsed) =>
        parsed.GetValue(_stateDir) is { Length: > 0 } given ? Path.GetFullPath(given) : Path.Combine(XdgDirectories.OfProcess.State, "gateway");

    [GeneratedRegex(@"^(auto|0|(?=.*[1-9])[0-9]+(\.[0-9]+)?([KMGT]i?|k)?B?)$", RegexOptions.CultureInvariant)]
    private static partial Regex SizeText();

    private static Option<string> Text(string name, string variable, string otherwise, string description) => new(name)
    {
        Description = $"{description} [env: {variable}]",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : otherwise,
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
