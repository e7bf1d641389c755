using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox start NAME</c>.</summary>
internal sealed class SandboxStartCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
    : SandboxPhaseCommand("start", "Start a sandbox that is stopped or in error, on the disk it had", SandboxPhase.Ready, "Started", context, connector, names)
{
    protected override async Task<SandboxResponse> AskAsync(
        GatewayConnection connection, string name, ParseResult parsed, CancellationToken cancellationToken) =>
        await connection.Client.StartSandboxAsync(new StartSandboxRequest { Name = name }, connection.Unary(cancellationToken, GatewayConnection.LifecycleTimeout));
}
