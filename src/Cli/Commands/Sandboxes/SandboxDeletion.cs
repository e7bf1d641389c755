using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Provisioning;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary>What became of a deletion.</summary>
/// <param name="WasThere">False if there was nothing to delete.</param>
/// <param name="Error">Null if it is deleted; otherwise what is known.</param>
internal sealed record DeletionResult(bool WasThere, CliError? Error);

/// <summary>
/// Deletes a sandbox. A gateway may answer before it is gone, which is then waited for; a call whose answer is lost may have
/// succeeded, so before an error is reported the sandbox is looked up.
/// </summary>
internal static class SandboxDeletion
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(5);
    private static readonly DeletionResult Deleted = new(true, null);

    /// <exception cref="CliException">The gateway cannot be reached: the next one would fail as well.</exception>
    public static async Task<DeletionResult> RunAsync(
        CliContext context, GatewayConnection connection, string name, CancellationToken cancellationToken)
    {
        try
        {
            var request = new DeleteSandboxRequest { Name = name, WorkspaceScope = connection.Scope, AllowMissing = true };
            var response = await connection.Client.DeleteSandboxAsync(
                request, connection.Unary(cancellationToken, GatewayConnection.LifecycleTimeout));
            return response.Outcome switch
            {
                DeletionOutcome.AlreadyAbsent => new DeletionResult(false, null),
                DeletionOutcome.Accepted => await WaitAsync(context, connection, name, response.SandboxId, cancellationToken),
                _ => Deleted,
            };
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            var error = RpcErrors.ToError(e.Status, connection.Target);
            return e.StatusCode is StatusCode.NotFound ? new DeletionResult(false, error)
                : RpcErrors.WasNeverConnected(e.Status) ? throw new CliException(NotDeleted(name, error), e)
                : new DeletionResult(true, await AskAsync(connection, name, error, cancellationToken));
        }
    }

    private static async Task<DeletionResult> WaitAsync(
        CliContext context, GatewayConnection connection, string name, string id, CancellationToken cancellationToken)
    {
        var timeout = ProvisionTimeout.Of(context.Environment);
        using var limit = new CancellationTokenSource(timeout, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await new SandboxDeletionWatch(connection, name, id, context.Time).WatchAsync(either.Token);
            return Deleted;
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException && !cancellationToken.IsCancellationRequested)
        {
            var message = $"sandbox '{name}' is still being deleted after {timeout.TotalSeconds:F0} s; the gateway goes on, "
                + $"see: openshell sandbox get {name}";
            return new DeletionResult(true, new CliError("timeout", message, ExitCodes.Failed));
        }
    }

    private static async Task<CliError?> AskAsync(GatewayConnection connection, string name, CliError error, CancellationToken cancellationToken)
    {
        try
        {
            var response = await connection.Client.GetSandboxAsync(
                new GetSandboxRequest { Name = name, WorkspaceScope = connection.Scope }, connection.Unary(cancellationToken, AskTimeout));
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
