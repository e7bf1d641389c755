using OpenShell.Cli.Parsing;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Rpc;

/// <summary>Lists of sandboxes.</summary>
internal static class SandboxLists
{
    /// <param name="filter">What to list; its page is set here.</param>
    public static Task<Page<Sandbox>> ReadAsync(
        GatewayConnection connection, ListSandboxesRequest filter, PageRequest page, CancellationToken cancellationToken) =>
        Pages.ReadAsync(page, async (size, token) =>
        {
            var request = new ListSandboxesRequest(filter) { PageSize = size, PageToken = token };
            var response = await connection.Client.ListSandboxesAsync(request, connection.Unary(cancellationToken));
            return new Page<Sandbox>(response.Sandboxes, response.NextPageToken);
        });
}
