using System.CommandLine;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands;

/// <summary>A command that does nothing before it has the gateway that the command line selects.</summary>
internal abstract class ConnectedCommand(string name, string description, CliContext context, GatewayConnector connector)
    : CliCommand(name, description, context)
{
    protected sealed override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        connector.RunAsync(parsed, connection => RunAsync(parsed, connection, cancellationToken));

    /// <returns>The exit code.</returns>
    /// <exception cref="CliException">The command failed.</exception>
    protected abstract Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken);
}
