using System.CommandLine;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Forwarding;
using OpenShell.Cli.Output;
using OpenShell.Cli.Provisioning;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Ssh;
using OpenShell.Cli.Text;
using OpenShell.Cli.Transfer;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>
/// <c>openshell sandbox create</c>: (1) creates, (2) waits until it is Ready, (3) copies what is to be there, (4) forwards a port,
/// (5) attaches to the main process, or opens an editor, or leaves it.
/// </summary>
internal sealed class SandboxCreateCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly GatewayStore _store;
    private readonly SandboxSpecOptions _spec = new();
    private readonly SandboxUseOptions _use = new();

    public SandboxCreateCommand(CliContext context, GatewayConnector connector, GatewayStore store)
        : base("create", "Create a sandbox", context)
    {
        (_connector, _store) = (connector, store);
        _spec.AddTo(this);
        _use.AddTo(this);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var timeout = ProvisionTimeout.Of(Context.Environment);
        var attaches = _use.Attaches(parsed, Context.Console);
        var uploads = _use.Uploads(parsed);
        var editor = _use.Editor(parsed) is { } name ? new SandboxEditor(Context, name) : null;
        var request = _spec.Request(
            parsed, Context.Environment, text => Context.Console.Error.WriteLine($"{Context.ErrorPalette.Warn("warning:")} {SafeText.OneLine(text)}"));
        request.Spec.Command.Add(_use.Command(parsed));
        request.Spec.Tty = _use.Tty(parsed, attaches, Context.Console);
        request.AwaitMainProcessAttachment = attaches;
        return _connector.RunAsync(parsed, async connection =>
        {
            // 1
            request.WorkspaceScope = connection.Scope;
            var response = await connection.Client.CreateSandboxAsync(request, connection.Unary(cancellationToken));
            var created = response.Sandbox;
            new SandboxFinder(Context).Remember(connection, created.Metadata.Name);
            var main = new MainProcessClient(Context, connection, created);
            try
            {
                // 2
                await BecomeUsableAsync(parsed, connection, created, timeout, cancellationToken);

                // 3
                await UploadAsync(parsed, connection, created, uploads, cancellationToken);

                // 4
                if (_use.Forward(parsed) is { } port)
                {
                    await ForwardAsync(parsed, connection, created, port, cancellationToken);
                }

                // 5
                if (editor is not null)
                {
                    await editor.OpenAsync(connection, Host(parsed, connection, created), _store.Active, created, null, cancellationToken);
                }

                return attaches ? await main.AttachAsync(readOnly: false, cancellationToken) : ExitCodes.Ok;
            }
            finally
            {
                if (_use.Remove(parsed))
                {
                    await RemoveAsync(connection, created.Metadata.Name, main.Detached);
                }
            }
        });
    }

    private async Task BecomeUsableAsync(
        ParseResult parsed, GatewayConnection connection, Sandbox created, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var format = _use.Format(parsed);
        if (format == OutputFormat.Table)
        {
            await Context.Console.Out.WriteLineAsync($"Created sandbox: {created.Metadata.Name}");
        }

        var sandbox = _use.NoWait(parsed) ? created : await WaitAsync(parsed, connection, created, timeout, cancellationToken);
        if (format != OutputFormat.Table)
        {
            DocumentWriter.Write(Context.Console.Out, SandboxView.Summary(sandbox), format);
        }
    }

    private async Task<Sandbox> WaitAsync(
        ParseResult parsed, GatewayConnection connection, Sandbox created, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var attaches = _use.Attaches(parsed, Context.Console);
        var wait = new PhaseWait(connection, created, SandboxPhase.Ready, timeout, Context.Time, orExited: attaches);
        try
        {
            return await ProgressDisplays.For(Context, _use.Format(parsed)).ShowAsync(step => wait.RunAsync(step, cancellationToken));
        }
        catch (OperationCanceledException) when (!_use.Remove(parsed))
        {
            var name = created.Metadata.Name;
            await Context.Console.Error.WriteLineAsync($"Sandbox {name} was left as it is; delete it with: openshell sandbox delete {name}");
            throw;
        }
    }

    private async Task UploadAsync(
        ParseResult parsed, GatewayConnection connection, Sandbox sandbox, IReadOnlyList<SandboxUpload> uploads, CancellationToken cancellationToken)
    {
        foreach (var upload in uploads)
        {
            var progress = new TransferProgress();
            var result = await new TransferDisplay(Context, _use.Format(parsed)).ShowAsync(
                upload.From,
                progress,
                () => upload.RunAsync(
                    directory => new RemoteTree(connection, sandbox.Metadata.Name, directory), _use.Ignore(parsed), progress, cancellationToken));

            // The one document on the output is the sandbox's.
            TransferReport.Write(Context, result, OutputFormat.Table);
        }
    }

    private async Task ForwardAsync(
        ParseResult parsed, GatewayConnection connection, Sandbox sandbox, string port, CancellationToken cancellationToken)
    {
        string[] words =
        [
            "forward", "start", .. _connector.OptionsFor(parsed, connection.Target), DetachedForward.BackgroundRun,
            "--name", sandbox.Metadata.Name, port,
        ];
        if (await new DetachedForward(Context).StartAsync(words, cancellationToken) is not ExitCodes.Ok and var exitCode)
        {
            throw new CliException(new CliError(
                "failed", $"port {port} was not forwarded; sandbox '{sandbox.Metadata.Name}' was kept", exitCode));
        }
    }

    private SshHost Host(ParseResult parsed, GatewayConnection connection, Sandbox sandbox) =>
        new(Context.Environment, connection.Target, _connector.OptionsFor(parsed, connection.Target), sandbox.Metadata.Name);

    // Also after Ctrl-C, so not with the command's own token; the call has a time limit of its own.
    private async Task RemoveAsync(GatewayConnection connection, string name, bool detached)
    {
        if (detached)
        {
            await Context.Console.Error.WriteLineAsync(
                $"Sandbox {name} was kept because its main process goes on; delete it with: openshell sandbox delete {name}");
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
