using System.Runtime.CompilerServices;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Rpc;

/// <summary>A list of sandboxes from its first page to its last.</summary>
internal static class SandboxPages
{
    // The most that a gateway gives at once.
    private const int PageSize = 1000;

    /// <param name="request">What to list; its pages are set here.</param>
    public static async IAsyncEnumerable<Sandbox> ListAsync(
        GatewayConnection connection, ListSandboxesRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = request.Clone();
        next.PageSize = PageSize;
        do
        {
            var page = await connection.Client.ListSandboxesAsync(next, connection.Unary(cancellationToken));
            foreach (var sandbox in page.Sandboxes)
            {
                yield return sandbox;
            }

            next.PageToken = page.NextPageToken;
        }
        while (next.PageToken.Length > 0);
    }
}
