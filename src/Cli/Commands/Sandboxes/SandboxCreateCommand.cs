using System.CommandLine;
using System.CommandLine.Parsing;
using OpenShell.Cli.Context;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Provisioning;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>
/// <c>openshell sandbox create</c>: creates, waits until it is Ready, and attaches to the main process where one is given.
/// </summary>
internal sealed class SandboxCreateCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly SandboxSpecOptions _spec = new();
    private readonly CommandWords _command = new("Main process of the sandbox; its exit code becomes this command's. Ctrl-P Ctrl-Q detaches");

    private readonly Flag _noWait = new("--no-wait", "Do not wait until it is ready");
    private readonly Flag _detach = new("--detach", "Leave CMD to itself once it is ready; see: openshell sandbox attach", "-d", "--no-attach");
    private readonly Flag _remove = new("--rm", "Delete it when CMD has ended", "--no-keep");
    private readonly TtyOptions _tty = new();
    private readonly OutputOption _output = new();

    public SandboxCreateCommand(CliContext context, GatewayConnector connector)
        : base("create", "Create a sandbox", context)
    {
        _connector = connector;
        _spec.AddTo(this);
        Arguments.Add(_command);
        Options.Add(_noWait);
        Options.Add(_detach);
        Options.Add(_remove);
        _tty.AddTo(this);
        Options.Add(_output);
        Validators.Add(Check);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var timeout = ProvisionTimeout.Of(Context.Environment);
        var request = _spec.Request(
            parsed, text => Context.Console.Error.WriteLine($"{Context.ErrorPalette.Warn("warning:")} {SafeText.OneLine(text)}"));
        request.Spec.Command.Add(_command.Of(parsed, needsDashes: true));
        var attaches = Attaches(parsed.CommandResult);
        request.Spec.Tty = attaches ? _tty.Of(parsed, Context.Console) : _tty.IsAsked(parsed.CommandResult);
        return _connector.RunAsync(parsed, async connection =>
        {
            request.WorkspaceScope = connection.Scope;
            var response = await connection.Client.CreateSandboxAsync(request, connection.Unary(cancellationToken));
            var created = response.Sandbox;
            new SandboxFinder(Context).Remember(connection, created.Metadata.Name);
            var main = new MainProcessClient(Context, connection, created);
            try
            {
                await BecomeUsableAsync(parsed, connection, created, timeout, cancellationToken);
                return attaches ? await main.AttachAsync(readOnly: false, cancellationToken) : ExitCodes.Ok;
            }
            finally
            {
                if (parsed.GetValue(_remove))
                {
                    await RemoveAsync(connection, created.Metadata.Name, main.Detached);
                }
            }
        });
    }

    private bool Attaches(CommandResult result) => result.GetValue(_command) is { Length: > 0 } && !result.GetValue(_detach);

    private void Check(CommandResult result)
    {
        var hasCommand = result.GetValue(_command) is { Length: > 0 };
        var attaches = Attaches(result);
        if (attaches && result.GetValue(_noWait))
        {
            result.AddError("--no-wait cannot be combined with a command, unless it is left to itself with --detach");
        }

        if (attaches && result.GetValue(_output) is not (null or "table"))
        {
            result.AddError("--output cannot be combined with a command, whose output it would be mixed with, unless with --detach");
        }

        if (!hasCommand && result.GetValue(_remove))
        {
            result.AddError("--rm needs a command after which to delete the sandbox: --rm -- CMD…");
        }

        if (result.GetValue(_detach) && result.GetValue(_remove))
        {
            result.AddError("--rm and --detach exclude each other: nobody would wait for the end of the command");
        }
    }

    private async Task BecomeUsableAsync(
        ParseResult parsed, GatewayConnection connection, Sandbox created, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var format = _output.Of(parsed);
        if (format == OutputFormat.Table)
        {
            await Context.Console.Out.WriteLineAsync($"Created sandbox: {created.Metadata.Name}");
        }

        var sandbox = parsed.GetValue(_noWait) ? created : await WaitAsync(parsed, connection, created, timeout, cancellationToken);
        if (format != OutputFormat.Table)
        {
            DocumentWriter.Write(Context.Console.Out, SandboxView.Summary(sandbox), format);
        }
    }

    private async Task<Sandbox> WaitAsync(
        ParseResult parsed, GatewayConnection connection, Sandbox created, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var wait = new PhaseWait(connection, created, SandboxPhase.Ready, timeout, Context.Time, Attaches(parsed.CommandResult));
        try
        {
            return await ProgressDisplays.For(Context, _output.Of(parsed)).ShowAsync(step => wait.RunAsync(step, cancellationToken));
        }
        catch (OperationCanceledException) when (!parsed.GetValue(_remove))
        {
            var name = created.Metadata.Name;
            await Context.Console.Error.WriteLineAsync($"Sandbox {name} was left as it is; delete it with: openshell sandbox delete {name}");
            throw;
        }
    }

    // Also after Ctrl-C, so not with the command's own token; the call has a time limit of its own.
    private async Task RemoveAsync(GatewayConnection connection, string name, bool detached)
    {
        if (detached)
        {
            await Context.Console.Error.WriteLineAsync(
                $"Sandbox {name} was kept because its command goes on; delete it with: openshell sandbox delete {name}");
            return;
        }

        Context.Signals.StopDeadline();
        try
        {
            if (await SandboxDeletion.RunAsync(Context, connection, name, CancellationToken.None) is { Error: { } error })
            {
                ErrorPrinter.Print(Context, error, asJson: false);
            }
        }
        catch (CliException e)
        {
            ErrorPrinter.Print(Context, e.Error, asJson: false);
        }
    }
}
