using System.CommandLine;
using Grpc.Core;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Completion;

/// <summary>Names of sandboxes for completion: from the gateway, quickly, or none at all.</summary>
internal sealed class SandboxNames(GatewayConnector connector)
{
    // Somebody is waiting with a finger on the Tab key.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

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
            var response = connection.Client.ListSandboxes(new ListSandboxesRequest(), connection.Unary(CancellationToken.None, Patience));
            return [.. response.Sandboxes.Select(sandbox => sandbox.Metadata.Name)];
        }
        catch (Exception e) when (e is RpcException or CliException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
