using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox exec [NAME] CMD…</c>. Ends with the command's own exit code.</summary>
internal sealed class SandboxExecCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly SandboxNameArgument _name;
    private readonly CommandWords _command;

    private readonly TextOption _nameOption = new("--name", "Name of the sandbox; then all arguments are the command", "NAME", "-n");
    private readonly TextOption _workdir = new("--workdir", "Directory to run it in", "DIR", "-w");
    private readonly EnvironmentOption _env = new("Environment variable of the command");
    private readonly TextOption _user = new("--user", "User to run it as: name, uid or uid:gid", "USER", "-u");
    private readonly CountOption _timeout = new("--timeout", "End it after so many seconds; 0 is never", "SECONDS");
    private readonly Flag _detach = new("--detach", "Leave it running by itself, without input and output; prints its process id", "-d");
    private readonly Flag _noInput = new("--no-stdin", "Leave standard input alone, as ssh -n: the command has none");
    private readonly Flag _noLogin = new("--no-login-shell", "Without the environment that a login shell of the sandbox has");
    private readonly TtyOptions _tty = new();

    public SandboxExecCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("exec", "Run a command in a sandbox", context)
    {
        _connector = connector;
        _name = new SandboxNameArgument(names) { Arity = ArgumentArity.ZeroOrOne };
        const string Help = "Command and its arguments; no shell reads them. Options behind its first word, or behind --, are its own";
        _command = new CommandWords(Help, takesRest: true) { InsteadOfWord = _nameOption };
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
        Options.Add(_noLogin);
        _tty.AddTo(this);
        Validators.Add(result =>
        {
            if (result.GetValue(_detach) && _tty.IsAsked(result))
            {
                result.AddError("--detach and --tty exclude each other: nobody would be at the terminal");
            }

            if (result.GetValue(_noInput) && (_tty.IsAsked(result) || _tty.IsInteractive(result)))
            {
                result.AddError("--no-stdin excludes --tty and --interactive: nobody would type");
            }

            if (result.GetValue(_detach) && _tty.IsInteractive(result))
            {
                result.AddError("--detach and --interactive exclude each other: the command would have no input");
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
                NoLoginShell = parsed.GetValue(_noLogin),
                Tty = !parsed.GetValue(_detach) && !parsed.GetValue(_noInput) && _tty.Of(parsed, Context.Console),
            };
            foreach ((var key, var value) in _env.Of(parsed, Context.Environment))
            {
                start.Environment[key] = value;
            }

            return await new InteractiveExec(Context, connection, sandbox.Metadata.Name, readsInput: !parsed.GetValue(_noInput))
                .RunAsync(start, cancellationToken);
        });
    }

    // With --name, and when all words are behind --, the first one is the command's, too.
    private (string? Name, string[] Command) Split(ParseResult parsed)
    {
        var rest = _command.Of(parsed, needsDashes: false);
        var words = parsed.GetValue(_name) is { } first ? rest.Prepend(first).ToArray() : rest;
        var given = parsed.GetValue(_nameOption);
        var isCommand = given is not null || CommandWords.WordsBehindDashes(parsed) == words.Length;
        var command = isCommand ? words : words[1..];
        var name = isCommand ? given : words[0];
        return command.Length > 0
            ? (name, command)
            : throw new CliException(
                CliError.Usage($"give a command: openshell sandbox exec {name ?? "NAME"} CMD… (for a shell: openshell sandbox shell {name ?? "NAME"})"));
    }
}
