using OpenShell.Cli.Completion;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox stop NAME</c>.</summary>
internal sealed class SandboxStopCommand(CliHost host, GatewayConnector connector, SandboxNames names)
    : SandboxPhaseCommand("stop", "Power a sandbox off and keep its disk", SandboxPhase.Stopped, "Stopped", host, connector, names)
{
    protected override async Task<SandboxResponse> AskAsync(GatewayConnection connection, string name, CancellationToken cancellationToken) =>
        await connection.Client.StopSandboxAsync(new StopSandboxRequest { Name = name }, connection.Unary(cancellationToken, GatewayConnection.LifecycleTimeout));
}
