using Grpc.Core;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Rpc;

/// <summary>
/// The last platform events of a sandbox. Only a watch has them, and it has no mark where its tail ends: of a sandbox at rest
/// it ends by itself, of another one the tail is over when nothing comes for a moment.
/// </summary>
internal sealed class RecentEvents(GatewayConnection connection, TimeProvider time)
{
    private const uint Most = 20;

    // The tail comes in one piece; longer would be felt at each "get".
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    /// <summary>Oldest first; empty where the gateway does not give them.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<IReadOnlyList<PlatformEvent>> ReadAsync(Sandbox sandbox, CancellationToken cancellationToken)
    {
        var request = new WatchSandboxRequest
        {
            Sandbox = sandbox.Metadata.Name,
            WorkspaceScope = connection.Scope,
            FollowEvents = true,
            EventTail = Most,
            StopOnTerminal = true,
        };
        List<PlatformEvent> events = [];
        using var quiet = new CancellationTokenSource(Moment, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, cancellationToken);
        try
        {
            using var call = connection.Client.WatchSandbox(request, connection.Streaming(either.Token));
            while (events.Count < Most && await call.ResponseStream.MoveNext(either.Token))
            {
                var next = call.ResponseStream.Current;
                if (next.Sandbox is { } snapshot && snapshot.Metadata.Id != sandbox.Metadata.Id)
                {
                    break;
                }

                if (next.Event is { } happened)
                {
                    events.Add(happened);
                }

                quiet.CancelAfter(Moment);
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // They are an addition: what can be shown without them is.
        }

        return events;
    }
}
