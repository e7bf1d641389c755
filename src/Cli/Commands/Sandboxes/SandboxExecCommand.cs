using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox exec NAME -- CMD…</c>. Ends with the command's own exit code.</summary>
internal sealed class SandboxExecCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly SandboxNameArgument _name;
    private readonly CommandWords _command = new("Command and its arguments; no shell reads them. Put -- before it if it has options");

    private readonly TextOption _nameOption = new("--name", "Name of the sandbox; then all arguments are the command", "NAME");
    private readonly TextOption _workdir = new("--workdir", "Directory to run it in", "DIR", "-w");
    private readonly PairsOption _env = new("--env", "Environment variable of the command (repeatable)", "-e");
    private readonly TextOption _user = new("--user", "User to run it as: name, uid or uid:gid", "USER", "-u");
    private readonly CountOption _timeout = new("--timeout", "End it after so many seconds; 0 is never", "SECONDS");
    private readonly Flag _detach = new("--detach", "Leave it running by itself, without input and output; prints its process id", "-d");
    private readonly Flag _noInput = new("--no-stdin", "Leave standard input alone, as ssh -n: the command has none", "-n");
    private readonly TtyOptions _tty = new();

    public SandboxExecCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("exec", "Run a command in a sandbox", context)
    {
        _connector = connector;
        _name = new SandboxNameArgument(names) { Arity = ArgumentArity.ZeroOrOne };
        _nameOption.CompletionSources.Add(context => names.List(context.ParseResult));
        Arguments.Add(_name);
        Arguments.Add(_command);
        Options.Add(_nameOption);
        Options.Add(_workdir);
        Options.Add(_env);
        Options.Add(_user);
        Options.Add(_timeout);
        Options.Add(_detach);
        Options.Add(_noInput);
        _tty.AddTo(this);
        Validators.Add(result =>
        {
            if (result.GetValue(_detach) && _tty.IsAsked(result))
            {
                result.AddError("--detach and --tty exclude each other: nobody would be at the terminal");
            }

            if (result.GetValue(_noInput) && _tty.IsAsked(result))
            {
                result.AddError("--no-stdin and --tty exclude each other: nobody would type");
            }
        });
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        (var name, var command) = Split(parsed);
        return _connector.RunAsync(parsed, async connection =>
        {
            var sandbox = await new SandboxFinder(Context).FindAsync(connection, name, cancellationToken);
            var start = new ExecSandboxRequest
            {
                Sandbox = sandbox.Metadata.Name,
                WorkspaceScope = connection.Scope,
                Command = { command },
                Workdir = parsed.GetValue(_workdir) ?? "",
                User = parsed.GetValue(_user) ?? "",
                ExecutionTimeout = _timeout.Of(parsed) is var seconds and > 0 ? new Duration { Seconds = seconds } : null,
                Detached = parsed.GetValue(_detach),
                Tty = !parsed.GetValue(_detach) && !parsed.GetValue(_noInput) && _tty.Of(parsed, Context.Console),
            };
            foreach ((var key, var value) in _env.Of(parsed))
            {
                start.Environment[key] = value;
            }

            return await new InteractiveExec(Context, connection, name, readsInput: !parsed.GetValue(_noInput)).RunAsync(start, cancellationToken);
        });
    }

    // With --name the first positional word is the command's, too.
    private (string Name, string[] Command) Split(ParseResult parsed)
    {
        var positional = parsed.GetValue(_name);
        var rest = _command.Of(parsed, needsDashes: false);
        var command = parsed.GetValue(_nameOption) is not null && positional is not null ? [positional, .. rest] : rest;
        if ((parsed.GetValue(_nameOption) ?? positional) is not { } name)
        {
            throw new CliException(CliError.Usage("give a sandbox and a command: openshell sandbox exec NAME -- CMD…"));
        }

        return command.Length > 0
            ? (name, command)
            : throw new CliException(
                CliError.Usage($"give a command: openshell sandbox exec {name} -- CMD… (for a shell: openshell sandbox shell {name})"));
    }
}
