using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>
/// Deletes a sandbox. A call whose answer is lost may have succeeded, so before an error is reported the sandbox is
/// looked up.
/// </summary>
internal static class SandboxDeletion
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(5);

    /// <returns>Null if it is deleted; otherwise what is known.</returns>
    /// <exception cref="CliException">The gateway cannot be reached: the next one would fail as well.</exception>
    public static async Task<CliError?> RunAsync(GatewayConnection connection, string name, CancellationToken cancellationToken)
    {
        try
        {
            var request = new DeleteSandboxRequest { Name = name };
            await connection.Client.DeleteSandboxAsync(request, connection.Unary(cancellationToken, GatewayConnection.LifecycleTimeout));
            return null;
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            var error = RpcErrors.ToError(e.Status, connection.Target);
            return e.StatusCode is StatusCode.NotFound ? error
                : RpcErrors.WasNeverConnected(e.Status) ? throw new CliException(NotDeleted(name, error), e)
                : await AskAsync(connection, name, error, cancellationToken);
        }
    }

    private static async Task<CliError?> AskAsync(GatewayConnection connection, string name, CliError error, CancellationToken cancellationToken)
    {
        try
        {
            var response = await connection.Client.GetSandboxAsync(
                new GetSandboxRequest { Name = name }, connection.Unary(cancellationToken, AskTimeout));
            return response.Sandbox.Status?.Phase == SandboxPhase.Deleting
                ? error with { Message = $"sandbox '{name}' is not deleted yet: {error.Message}; delete it again to go on" }
                : NotDeleted(name, error);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            var unknown = error with { Message = $"whether sandbox '{name}' was deleted is not known: {error.Message}" };
            return RpcErrors.IsTransportFailure(e.Status) ? throw new CliException(unknown, e) : unknown;
        }
    }

    private static CliError NotDeleted(string name, CliError error) => error with { Message = $"sandbox '{name}' was not deleted: {error.Message}" };
}
