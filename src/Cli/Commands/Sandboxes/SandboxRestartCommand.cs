using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Provisioning;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox restart [NAME]</c>: stops and starts it, and waits for both.</summary>
internal sealed class SandboxRestartCommand : ConnectedCommand
{
    private readonly SandboxNameArgument _name;
    private readonly Flag _force = new("--force", "Kill the machine at once instead of asking it to power off: what is not synced is lost");

    public SandboxRestartCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("restart", "Stop a sandbox and start it again, on the disk it had", context, connector)
    {
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
        Options.Add(_force);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var limits = connection.Unary(cancellationToken, GatewayConnection.LifecycleTimeout);
        var stopping = await new SandboxFinder(Context).UseAsync(
            connection,
            parsed.GetValue(_name),
            async name => (await connection.Client.StopSandboxAsync(
                new StopSandboxRequest { Name = name, WorkspaceScope = connection.Scope, Force = parsed.GetValue(_force) }, limits)).Sandbox);
        await WaitAsync(connection, stopping, SandboxPhase.Stopped, cancellationToken);
        var name = stopping.Metadata.Name;
        limits = connection.Unary(cancellationToken, GatewayConnection.LifecycleTimeout);
        var starting = await connection.Client.StartSandboxAsync(new StartSandboxRequest { Name = name, WorkspaceScope = connection.Scope }, limits);
        await WaitAsync(connection, starting.Sandbox, SandboxPhase.Ready, cancellationToken);
        await DoneAsync($"Restarted sandbox {SafeText.OneLine(name)}");
        return ExitCodes.Ok;
    }

    private async Task WaitAsync(GatewayConnection connection, Sandbox sandbox, SandboxPhase phase, CancellationToken cancellationToken)
    {
        if (sandbox.Status.Phase != phase)
        {
            var wait = new PhaseWait(connection, sandbox, phase, ProvisionTimeout.Of(Context.Environment), Context.Time);
            await ProgressDisplays.For(Context, OutputFormat.Table).ShowAsync(step => wait.RunAsync(step, cancellationToken));
        }
    }
}
