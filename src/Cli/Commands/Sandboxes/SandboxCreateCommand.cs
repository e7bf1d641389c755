using System.CommandLine;
using Grpc.Core;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Provisioning;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox create</c>: creates, waits until it is Ready, and runs a command where one is given.</summary>
internal sealed class SandboxCreateCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly SandboxSpecOptions _spec = new();
    private readonly CommandWords _command = new("Command to run once it is ready; its exit code becomes this command's");

    private readonly Flag _noWait = new("--no-wait", "Do not wait until it is ready");
    private readonly Flag _remove = new("--rm", "Delete it when CMD has ended", "--no-keep");
    private readonly TtyOptions _tty = new();
    private readonly OutputOption _output = new();

    public SandboxCreateCommand(CliHost host, GatewayConnector connector)
        : base("create", "Create a sandbox", host)
    {
        _connector = connector;
        _spec.AddTo(this);
        Arguments.Add(_command);
        Options.Add(_noWait);
        Options.Add(_remove);
        _tty.AddTo(this);
        Options.Add(_output);
        Validators.Add(result =>
        {
            bool hasCommand = result.GetValue(_command) is { Length: > 0 };
            if (hasCommand && result.GetValue(_noWait))
            {
                result.AddError("--no-wait cannot be combined with a command");
            }

            if (hasCommand && result.GetValue(_output) is not (null or "table"))
            {
                result.AddError("--output cannot be combined with a command, whose output it would be mixed with");
            }

            if (!hasCommand && result.GetValue(_remove))
            {
                result.AddError("--rm needs a command after which to delete the sandbox: --rm -- CMD…");
            }
        });
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        TimeSpan timeout = ProvisionTimeout.Of(Host.Environment);
        string[] command = _command.Of(parsed, needsDashes: true);
        return _connector.RunAsync(parsed, async connection =>
        {
            SandboxResponse response = await connection.Client.CreateSandboxAsync(_spec.Request(parsed), connection.Unary(cancellationToken));
            Sandbox created = response.Sandbox;
            try
            {
                Sandbox sandbox = await BecomeUsableAsync(parsed, connection, created, timeout, cancellationToken);
                return command.Length > 0 ? await ExecAsync(parsed, connection, sandbox, command, cancellationToken) : ExitCode.Ok;
            }
            finally
            {
                if (parsed.GetValue(_remove))
                {
                    await RemoveAsync(connection, created.Metadata.Name);
                }
            }
        });
    }

    private async Task<Sandbox> BecomeUsableAsync(ParseResult parsed, GatewayConnection connection, Sandbox created, TimeSpan timeout, CancellationToken cancellationToken)
    {
        OutputFormat format = _output.Of(parsed);
        if (format == OutputFormat.Table)
        {
            await Host.Console.Out.WriteLineAsync($"Created sandbox: {created.Metadata.Name}");
        }

        Sandbox sandbox = parsed.GetValue(_noWait) ? created : await WaitAsync(parsed, connection, created, timeout, cancellationToken);
        if (format != OutputFormat.Table)
        {
            DocumentWriter.Write(Host.Console.Out, SandboxView.Summary(sandbox), format);
        }

        return sandbox;
    }

    private Task<int> ExecAsync(ParseResult parsed, GatewayConnection connection, Sandbox sandbox, string[] command, CancellationToken cancellationToken)
    {
        ExecSandboxRequest start = new() { SandboxId = sandbox.Metadata.Id, Command = { command }, Tty = _tty.Of(parsed, Host.Console) };
        return new ExecSession(Host, connection, sandbox.Metadata.Name).RunAsync(start, cancellationToken);
    }

    private async Task<Sandbox> WaitAsync(ParseResult parsed, GatewayConnection connection, Sandbox created, TimeSpan timeout, CancellationToken cancellationToken)
    {
        PhaseWait wait = new(connection, created, SandboxPhase.Ready, timeout, Host.Time);
        try
        {
            return await ProgressDisplays.For(Host, _output.Of(parsed)).ShowAsync(step => wait.RunAsync(step, cancellationToken));
        }
        catch (OperationCanceledException) when (!parsed.GetValue(_remove))
        {
            string name = created.Metadata.Name;
            await Host.Console.Error.WriteLineAsync($"Sandbox {name} was left as it is; delete it with: openshell sandbox delete {name}");
            throw;
        }
    }

    // Also after Ctrl-C, so not with the command's own token; the call has a time limit of its own.
    private async Task RemoveAsync(GatewayConnection connection, string name)
    {
        Host.Signals.StopDeadline();
        try
        {
            await connection.Client.DeleteSandboxAsync(new DeleteSandboxRequest { Name = name }, connection.Unary(CancellationToken.None));
        }
        catch (RpcException e)
        {
            CliError error = RpcErrors.ToError(e.Status, connection.Target);
            ErrorPrinter.Print(Host, error with { Message = $"sandbox '{name}' was not deleted: {error.Message}" }, asJson: false);
        }
    }
}
