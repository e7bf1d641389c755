using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Ssh;
using OpenShell.Linux.Processes;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox connect [NAME]</c>: the system's ssh, or an editor that uses it, in the place of this process.</summary>
internal sealed class SandboxConnectCommand : CliCommand
{
    // The subsystem of the sandbox's SSH server that leads to its main process.
    private const string MainSubsystem = "openshell-main";

    private readonly GatewayConnector _connector;
    private readonly GatewayStore _store;
    private readonly SandboxNameArgument _name;
    private readonly CommandWords _command = new("Command for the sandbox, joined by spaces and read by its shell, as ssh does");
    private readonly ChoiceOption _editor = new("--editor", "Open an editor on the sandbox instead", "EDITOR", SandboxEditor.Names);
    private readonly TextOption _directory = new("--dir", "Directory for the editor to open [default: the home directory]", "DIR");
    private readonly Option<string[]> _sshOptions = new("--ssh-option")
    {
        Description = "Option for ssh, as LocalForward='8080 localhost:80' (repeatable)",
        HelpName = "OPTION",
        AllowMultipleArgumentsPerToken = false,
    };
    private readonly TtyOptions _tty = new();

    public SandboxConnectCommand(CliContext context, GatewayConnector connector, GatewayStore store, SandboxNameCompletion names)
        : base("connect", "Connect to the main process of a sandbox, or run a command in it, with ssh; Ctrl-D or Ctrl-P Ctrl-Q detaches. Ends with the exit code of ssh", context)
    {
        (_connector, _store) = (connector, store);
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
        Arguments.Add(_command);
        Options.Add(_editor);
        Options.Add(_directory);
        Options.Add(_sshOptions);
        _tty.AddTo(this);
        Validators.Add(result =>
        {
            if (result.GetValue(_directory) is not null && result.GetValue(_editor) is null)
            {
                result.AddError("--dir is for --editor");
            }
        });
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        (var name, var command) = Split(parsed);
        var editor = _editor.Of(parsed) is { } program ? new SandboxEditor(Context, program) : null;
        var ssh = SandboxEditor.FindProgram(Context, "ssh", "install an OpenSSH client (Debian: apt install openssh-client), or use: openshell sandbox shell");
        return _connector.RunAsync(parsed, async connection =>
        {
            var sandbox = await new SandboxFinder(Context).FindAsync(connection, name, cancellationToken);
            var host = new SshHost(Context.Environment, connection.Target, _connector.OptionsFor(parsed, connection.Target), sandbox.Metadata.Name);
            if (editor is null)
            {
                host.HostKey.BelongsTo(sandbox.Metadata.Id);
                CurrentProcess.Become(ssh, SshArguments(parsed, host, sandbox, command));
            }
            else
            {
                await editor.OpenAsync(connection, host, _store.Active, sandbox, parsed.GetValue(_directory), cancellationToken);
            }

            return ExitCodes.Ok;
        });
    }

    // A lone word behind -- is a command, as everywhere.
    private (string? Name, string[] Command) Split(ParseResult parsed)
    {
        var command = _command.Of(parsed, needsDashes: true);
        var name = parsed.GetValue(_name);
        var behind = CommandWords.WordsBehindDashes(parsed);
        return name is not null && behind > command.Length ? (null, [name, .. command]) : (name, command);
    }

    private List<string> SshArguments(ParseResult parsed, SshHost host, Sandbox sandbox, string[] command)
    {
        // Neither the user's configuration of ssh nor the system's: what is meant for real hosts (jump hosts, other
        // keys, agents) would break this one or give it what it must not have. Who wants theirs uses ssh-config.
        List<string> words = ["-F", "none"];
        foreach (var option in parsed.GetValue(_sshOptions) ?? [])
        {
            // First: ssh takes the first value that it sees.
            words.AddRange(["-o", option]);
        }

        words.AddRange(["-o", $"LogLevel={_connector.SshLogLevel(parsed)}"]);
        foreach ((var keyword, var value) in host.Settings(sandbox))
        {
            words.AddRange(["-o", $"{keyword}={value}"]);
        }

        words.AddRange(["-o", "SendEnv=LANG LC_* COLORTERM"]);
        if (command.Length == 0)
        {
            // The main process is told whether it has a terminal to show; its own one it has from the beginning.
            return [.. words, _tty.Of(parsed, Context.Console) ? "-tt" : "-T", "-s", "--", host.Alias(_store.Active), MainSubsystem];
        }

        if (_tty.IsRefused(parsed))
        {
            words.Add("-T");
        }
        else if (_tty.IsAsked(parsed.CommandResult))
        {
            words.Add("-tt");
        }
        else if (_tty.Of(parsed, Context.Console))
        {
            words.Add("-t");
        }

        return [.. words, "--", host.Alias(_store.Active), .. command];
    }
}
