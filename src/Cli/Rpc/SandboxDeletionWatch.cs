using Grpc.Core;
using OpenShell.Protocol;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Rpc;

/// <summary>
/// Waits until a sandbox is deleted: follows its watch, and reads the sandbox each time the watch ends: with
/// the sandbox, and with every restart of the gateway. A sandbox of the same name with another id is another sandbox.
/// </summary>
/// <param name="name">Its name.</param>
internal sealed class SandboxDeletionWatch(GatewayConnection connection, string name, string id, TimeProvider time)
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);

    /// <summary>Ends once it is deleted.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstRetryDelay, LongestRetryDelay, Random.Shared);
        while (true)
        {
            try
            {
                if (await FollowAsync(backoff, cancellationToken)
                    || IsAnother(await GatewayConnector.GetSandboxAsync(connection, name, cancellationToken)))
                {
                    return;
                }
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                if (e.StatusCode == StatusCode.NotFound)
                {
                    return;
                }
            }

            await Task.Delay(backoff.Next(), time, cancellationToken);
        }
    }

    // True once another sandbox has the name, false when the watch ended.
    private async Task<bool> FollowAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        var request = new WatchSandboxRequest { Sandbox = name, WorkspaceScope = connection.Scope, FollowStatus = true };
        using var call = connection.Client.WatchSandbox(request, connection.Streaming(cancellationToken));
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            backoff.Reset();
            if (call.ResponseStream.Current.Sandbox is { } snapshot && IsAnother(snapshot))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAnother(Sandbox now) => now.Metadata.Id != id;
}
