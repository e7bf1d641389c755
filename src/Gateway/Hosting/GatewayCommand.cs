using System.CommandLine;
using System.Net;
using OpenShell.Gateway.Configuration;
using OpenShell.Linux.Programs;

namespace OpenShell.Gateway.Hosting;

/// <summary>The command line of <c>openshell-gateway</c>. Every option has an environment variable; the option wins.</summary>
internal sealed class GatewayCommand
{
    private readonly Option<string> _stateDir = GatewayArgument.EnvironmentOption(
        "--state-dir", "OPENSHELL_STATE_DIR", "", "Secrets, sockets and, by default, the database [default: $XDG_STATE_HOME/openshell/gateway]");

    private readonly Option<bool> _newDatabase = new("--new-database")
    {
        Description = "If the database is lost: begin a new one, and take the sandboxes that the driver keeps into it, stopped",
    };

    private readonly Option<bool> _allowUnauthenticated = new("--allow-unauthenticated-users")
    {
        Description = "Let callers on this machine in without a token (development) [env: OPENSHELL_ALLOW_UNAUTHENTICATED_USERS]",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("OPENSHELL_ALLOW_UNAUTHENTICATED_USERS") is "1" or "true",
    };

    private readonly GatewayArgument[] _first = GatewayArguments.BeforeStateDirectory;
    private readonly GatewayArgument[] _others = GatewayArguments.AfterStateDirectory;
    private readonly LimitArgument[] _limits = LimitArgument.All;

    /// <summary>The command, which calls <paramref name="run"/> with options that make sense.</summary>
    public RootCommand Create(Func<GatewayOptions, GatewayLimits, CancellationToken, Task<int>> run)
    {
        var command = new RootCommand("The OpenShell gateway: the public API, the sessions of the supervisors, and the compute driver behind them.");
        Option[] options =
        [
            .. _first.Select(a => a.Option), _stateDir, .. _others.Select(a => a.Option), _newDatabase, _allowUnauthenticated,
            .. _limits.Select(l => l.Option),
        ];
        Array.ForEach(options, command.Options.Add);
        _stateDir.Recursive = true;
        command.Subcommands.Add(AdminTokenCommand.Create(StateDirectoryOf));
        command.SetAction((parsed, cancellationToken) =>
        {
            var errors = new List<string>();
            var bound = Bind(parsed, errors);
            var limits = _limits.Aggregate(new GatewayLimits(), (all, limit) => limit.Bind(all, parsed, errors));
            if (errors.Count == 0)
            {
                return run(bound, limits, cancellationToken);
            }

            errors.ForEach(e => Console.Error.WriteLine($"openshell-gateway: {e}"));
            return Task.FromResult(ExitCodes.Usage);
        });
        return command;
    }

    private GatewayOptions Bind(ParseResult parsed, List<string> errors)
    {
        var stateDirectory = StateDirectoryOf(parsed);
        var defaults = new GatewayOptions
        {
            StateDirectory = stateDirectory,
            Database = new DatabaseUrl(Path.Combine(stateDirectory, "openshell.db")),
            Otlp = OtlpSignals.From(Environment.GetEnvironmentVariable),
            NewDatabase = parsed.GetValue(_newDatabase),
            AllowUnauthenticatedUsers = parsed.GetValue(_allowUnauthenticated),
        };
        var options = _first.Concat(_others).Aggregate(defaults, (all, argument) => argument.Bind(all, parsed, errors));
        if (options.AllowUnauthenticatedUsers && !IPAddress.IsLoopback(options.BindAddress))
        {
            errors.Add($"--allow-unauthenticated-users needs a loopback --bind-address; {options.BindAddress} is none");
        }

        return options;
    }

    private string StateDirectoryOf(ParseResult parsed) =>
        parsed.GetValue(_stateDir) is { Length: > 0 } given ? Path.GetFullPath(given) : Path.Combine(XdgDirectories.OfProcess.State, "gateway");
}
