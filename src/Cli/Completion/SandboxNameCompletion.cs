using System.CommandLine;
using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Completion;

/// <summary>Names of sandboxes for completion: from the gateway, quickly, or none at all.</summary>
internal sealed class SandboxNameCompletion(GatewayConnector connector)
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

            // System.CommandLine asks for completions synchronously, so this is gRPC's synchronous call.
            using var connection = new GatewayConnection(target);
            var request = new ListSandboxesRequest { WorkspaceScope = connection.Scope };
            var response = connection.Client.ListSandboxes(request, connection.Unary(CancellationToken.None, Timeout));
            return [.. response.Sandboxes.Select(sandbox => sandbox.Metadata.Name)];
        }
        catch (Exception e) when (e is RpcException or CliException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
