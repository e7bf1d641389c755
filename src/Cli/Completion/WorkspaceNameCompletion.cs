using System.CommandLine;
using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Completion;

/// <summary>Names of workspaces for completion: from the gateway, quickly, or none at all.</summary>
internal sealed class WorkspaceNameCompletion(GatewayConnector connector)
{
    // The shell, and its user, wait for the answer.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Empty when the gateway does not answer; completion has nowhere to report errors.</summary>
    public IEnumerable<string> List(ParseResult parsed)
    {
        try
        {
            if (connector.Find(parsed) is not { } target)
            {
                return [];
            }

            using var connection = new GatewayConnection(target);
            var response = connection.Client.ListWorkspaces(new ListWorkspacesRequest(), connection.Unary(CancellationToken.None, Timeout));
            return [.. response.Workspaces.Select(workspace => workspace.Metadata.Name)];
        }
        catch (Exception e) when (e is RpcException or CliException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
