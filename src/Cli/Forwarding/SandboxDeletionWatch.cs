using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Forwarding;

/// <summary>
/// Waits until a sandbox is deleted: follows its watch, and reads the sandbox each time the watch ends: with
/// the sandbox, and with every restart of the gateway.
/// </summary>
internal sealed class SandboxDeletionWatch(GatewayConnection connection, Sandbox sandbox, TimeProvider time)
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);

    /// <summary>Ends only by its exceptions.</summary>
    /// <exception cref="CliException">It was deleted.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstRetryDelay, LongestRetryDelay, Random.Shared);
        while (true)
        {
            try
            {
                await FollowAsync(backoff, cancellationToken);
                await ThrowIfDeletedAsync(cancellationToken);
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                if (e.StatusCode == StatusCode.NotFound)
                {
                    throw Deleted();
                }
            }

            await Task.Delay(backoff.Next(), time, cancellationToken);
        }
    }

    private async Task FollowAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        var request = new WatchSandboxRequest { Id = sandbox.Metadata.Id, FollowStatus = true };
        using var call = connection.Client.WatchSandbox(request, connection.Streaming(cancellationToken));
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            backoff.Reset();
        }
    }

    private async Task ThrowIfDeletedAsync(CancellationToken cancellationToken)
    {
        var now = await GatewayConnector.GetSandboxAsync(connection, sandbox.Metadata.Name, cancellationToken);
        if (now.Metadata.Id != sandbox.Metadata.Id)
        {
            throw Deleted();
        }
    }

    private CliException Deleted() => new(CliError.NotFound($"sandbox '{sandbox.Metadata.Name}' was deleted; its forwards have ended"));
}
