using Grpc.Core;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;
using Phase = OpenShell.Gateway.Sandboxes.SandboxPhase;

namespace OpenShell.Gateway.Services;

/// <summary>WatchSandbox: the state now, the tail that was asked for, then changes as they happen.</summary>
internal sealed class WatchApi(SandboxDirectory sandboxes, SandboxStore store, SandboxEventHub events, WatchOptions options)
{
    private const int DefaultLogTail = 200;

    private readonly StreamSlots _slots = new(
        "watches", options.Max, options.MaxPerConnection, WatchOptions.MaxOption, WatchOptions.MaxPerConnectionOption);

    /// <summary>Watches, if there is a place for one more.</summary>
    public async Task ServeAsync(
        WatchSandboxRequest request, IServerStreamWriter<SandboxStreamEvent> stream, string connectionId, CancellationToken cancellationToken)
    {
        var (place, refusal) = _slots.Take(connectionId);
        using (place)
        {
            if (refusal is not null)
            {
                throw refusal.ToException();
            }

            await WatchAsync(request, stream, cancellationToken);
        }
    }

    public async Task WatchAsync(
        WatchSandboxRequest request, IServerStreamWriter<SandboxStreamEvent> stream, CancellationToken cancellationToken)
    {
        // Before subscribing: an id that does not exist must not make a topic.
        var id = (await sandboxes.FindAsync(request.WorkspaceScope, request.Sandbox, cancellationToken)).Id;
        var logs = request.FollowLogs ? LogMapping.ToFilter(request.SinceTime, request.LogSources, request.LogMinLevel) : null;
        using var subscription = events.Subscribe(id, logs);
        var current = await FindAsync(id, cancellationToken);
        await WriteAsync(stream, new SandboxStreamEvent { Sandbox = current.ToMessage() }, cancellationToken);
        var seen = new Seen(current.ResourceVersion, 0);
        if (logs is not null)
        {
            var tail = events.Logs.Tail(id, logs, LogMapping.ToCount(request.LogTailLines, DefaultLogTail));
            seen = seen with { LogSequence = tail.LastSequence };
            foreach (var line in tail.Lines)
            {
                await WriteAsync(stream, new SandboxStreamEvent { Log = line.ToMessage(id) }, cancellationToken);
            }
        }

        if (request.FollowEvents)
        {
            foreach (var platformEvent in events.Tail(id, (int)Math.Min(request.EventTail, int.MaxValue)))
            {
                await WriteAsync(stream, new SandboxStreamEvent { Event = platformEvent.ToMessage() }, cancellationToken);
            }
        }

        if (!IsOver(request, current))
        {
            await FollowAsync(request, id, subscription, seen, stream, cancellationToken);
        }
    }

    private static async Task FollowAsync(
        WatchSandboxRequest request,
        string id,
        SandboxSubscription subscription,
        Seen seen,
        IServerStreamWriter<SandboxStreamEvent> stream,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await subscription.ReadAsync(cancellationToken))
            {
                case StateEvent { Record: var record } when record.ResourceVersion > seen.Version:
                    seen = seen with { Version = record.ResourceVersion };
                    if (request.FollowStatus)
                    {
                        await WriteAsync(stream, new SandboxStreamEvent { Sandbox = record.ToMessage() }, cancellationToken);
                    }

                    if (IsOver(request, record))
                    {
                        return;
                    }

                    break;
                case PlatformEventReceived { Event: var platformEvent } when request.FollowEvents:
                    await WriteAsync(stream, new SandboxStreamEvent { Event = platformEvent.ToMessage() }, cancellationToken);
                    break;
                case DroppedEvent { Count: var count } when request.FollowEvents:
                    await WriteAsync(stream, Warning($"this watch is slow: {count} platform events were dropped"), cancellationToken);
                    break;
                // The tail had the lines up to there.
                case LogEvent { Line: var line } when line.Sequence > seen.LogSequence:
                    await WriteAsync(stream, new SandboxStreamEvent { Log = line.ToMessage(id) }, cancellationToken);
                    break;
                case DroppedLogsEvent { Count: var lines }:
                    await WriteAsync(stream, Warning($"this watch is slow: {lines} log lines were dropped"), cancellationToken);
                    break;
                case RemovedEvent:
                    return;
            }
        }
    }

    private static SandboxStreamEvent Warning(string message) => new() { Warning = new SandboxStreamWarning { Message = message } };

    private static bool IsOver(WatchSandboxRequest request, SandboxRecord record) =>
        request.StopOnTerminal && record.Phase is (Phase.Ready or Phase.Error or Phase.Stopped);

    private async Task<SandboxRecord> FindAsync(string id, CancellationToken cancellationToken) =>
        await store.GetAsync(id, cancellationToken)
        ?? throw new Failure(FailureKind.NotFound, $"sandbox with id '{id}' not found").ToException();

    private static Task WriteAsync(
        IServerStreamWriter<SandboxStreamEvent> stream, SandboxStreamEvent message, CancellationToken cancellationToken) =>
        stream.WriteAsync(message, cancellationToken);

    /// <summary>What the watcher has had before anything was followed.</summary>
    private sealed record Seen(ulong Version, long LogSequence);
}
