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

/// <summary>A command that asks for a phase of one sandbox and waits until it is there.</summary>
internal abstract class SandboxPhaseCommand : ConnectedCommand
{
    private readonly SandboxNameArgument _name;
    private readonly SandboxPhase _phase;
    private readonly string _done;

    /// <param name="done">The verb of the message when it is reached: "Started".</param>
    protected SandboxPhaseCommand(
        string name, string description, SandboxPhase phase, string done, CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base(name, description, context, connector)
    {
        (_phase, _done) = (phase, done);
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
    }

    /// <summary>Asks the gateway.</summary>
    protected abstract Task<SandboxResponse> AskAsync(
        GatewayConnection connection, string name, ParseResult parsed, CancellationToken cancellationToken);

    protected sealed override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var timeout = ProvisionTimeout.Of(Context.Environment);
        var response = await new SandboxFinder(Context).UseAsync(
            connection, parsed.GetValue(_name), name => AskAsync(connection, name, parsed, cancellationToken));
        if (response.Sandbox.Status.Phase != _phase)
        {
            var wait = new PhaseWait(connection, response.Sandbox, _phase, timeout, Context.Time);
            await ProgressDisplays.For(Context, OutputFormat.Table).ShowAsync(step => wait.RunAsync(step, cancellationToken));
        }

        await DoneAsync($"{_done} sandbox {SafeText.OneLine(response.Sandbox.Metadata.Name)}");
        return ExitCodes.Ok;
    }
}

/// <summary><c>openshell sandbox start NAME</c>.</summary>
internal sealed class SandboxStartCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
    : SandboxPhaseCommand(
        "start", "Start a sandbox that is stopped or in error, on the disk it had", SandboxPhase.Ready, "Started", context, connector, names)
{
    protected override async Task<SandboxResponse> AskAsync(
        GatewayConnection connection, string name, ParseResult parsed, CancellationToken cancellationToken) =>
        await connection.Client.StartSandboxAsync(
            new StartSandboxRequest { Name = name, WorkspaceScope = connection.Scope },
            connection.Unary(cancellationToken, GatewayConnection.LifecycleTimeout));
}

/// <summary><c>openshell sandbox stop NAME [--force]</c>.</summary>
internal sealed class SandboxStopCommand : SandboxPhaseCommand
{
    private readonly Flag _force = new("--force", "Kill the machine at once instead of asking it to power off: what is not synced is lost");

    public SandboxStopCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("stop", "Power a sandbox off and keep its disk", SandboxPhase.Stopped, "Stopped", context, connector, names) =>
        Options.Add(_force);

    protected override async Task<SandboxResponse> AskAsync(
        GatewayConnection connection, string name, ParseResult parsed, CancellationToken cancellationToken)
    {
        var request = new StopSandboxRequest { Name = name, WorkspaceScope = connection.Scope, Force = parsed.GetValue(_force) };
        return await connection.Client.StopSandboxAsync(request, connection.Unary(cancellationToken, GatewayConnection.LifecycleTimeout));
    }
}
