using Grpc.Core;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.V1;
using Phase = OpenShell.Gateway.Sandboxes.SandboxPhase;

namespace OpenShell.Gateway.Services;

/// <summary>WatchSandbox: the state now, the tail that was asked for, then changes as they happen.</summary>
internal sealed class WatchApi(SandboxStore store, SandboxEventHub events)
{
    public async Task WatchAsync(
        WatchSandboxRequest request, IServerStreamWriter<SandboxStreamEvent> stream, CancellationToken cancellationToken)
    {
        if (request.Id.Length == 0)
        {
            throw GrpcErrors.InvalidArgument("id is required");
        }

        // Before subscribing: an id that does not exist must not make a topic.
        _ = await FindAsync(request.Id, cancellationToken);
        using var subscription = events.Subscribe(request.Id);
        var current = await FindAsync(request.Id, cancellationToken);
        await WriteAsync(stream, new SandboxStreamEvent { Sandbox = current.ToMessage() }, cancellationToken);
        if (request.FollowEvents)
        {
            foreach (var happening in events.Tail(request.Id, (int)Math.Min(request.EventTail, int.MaxValue)))
            {
                await WriteAsync(stream, new SandboxStreamEvent { Event = happening.ToMessage() }, cancellationToken);
            }
        }

        if (!IsOver(request, current))
        {
            await FollowAsync(request, subscription, current.ResourceVersion, stream, cancellationToken);
        }
    }

    private static async Task FollowAsync(
        WatchSandboxRequest request,
        SandboxSubscription subscription,
        ulong seenVersion,
        IServerStreamWriter<SandboxStreamEvent> stream,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await subscription.ReadAsync(cancellationToken))
            {
                case StateEvent { Record: var record } when record.ResourceVersion > seenVersion:
                    seenVersion = record.ResourceVersion;
                    if (request.FollowStatus)
                    {
                        await WriteAsync(stream, new SandboxStreamEvent { Sandbox = record.ToMessage() }, cancellationToken);
                    }

                    if (IsOver(request, record))
                    {
                        return;
                    }

                    break;
                case PlatformHappening { Event: var happening } when request.FollowEvents:
                    await WriteAsync(stream, new SandboxStreamEvent { Event = happening.ToMessage() }, cancellationToken);
                    break;
                case DroppedEvent { Count: var count } when request.FollowEvents:
                    var warning = new SandboxStreamWarning { Message = $"this watch is slow: {count} platform events were dropped" };
                    await WriteAsync(stream, new SandboxStreamEvent { Warning = warning }, cancellationToken);
                    break;
                case RemovedEvent:
                    return;
            }
        }
    }

    private static bool IsOver(WatchSandboxRequest request, SandboxRecord record) =>
        request.StopOnTerminal && record.Phase is (Phase.Ready or Phase.Error or Phase.Stopped);

    private async Task<SandboxRecord> FindAsync(string id, CancellationToken cancellationToken) =>
        await store.GetAsync(id, cancellationToken)
        ?? throw new Failure(FailureKind.NotFound, $"sandbox with id '{id}' not found").ToException();

    private static Task WriteAsync(
        IServerStreamWriter<SandboxStreamEvent> stream, SandboxStreamEvent message, CancellationToken cancellationToken) =>
        stream.WriteAsync(message, cancellationToken);
}
