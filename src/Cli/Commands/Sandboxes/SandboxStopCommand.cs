using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

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
        var request = new StopSandboxRequest { Name = name, Force = parsed.GetValue(_force) };
        return await connection.Client.StopSandboxAsync(request, connection.Unary(cancellationToken, GatewayConnection.LifecycleTimeout));
    }
}
