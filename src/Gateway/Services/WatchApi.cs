using Grpc.Core;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>
/// WatchSandbox: the state now, then the tails that were asked for or what came after a cursor, then changes as they happen.
/// </summary>
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

    /// <summary>
    /// One watch: (1) the sandbox of the name, from here on by its id: another of the same name is another one's; (2) listen;
    /// (3) its state; (4) take the tails or the place after the cursor, in one step with what follows; (5) send all that,
    /// then what comes.
    /// </summary>
    public async Task WatchAsync(
        WatchSandboxRequest request, IServerStreamWriter<SandboxStreamEvent> stream, CancellationToken cancellationToken)
    {
        var logs = LogMapping.ToFilter(request.SinceTime, request.LogSources, request.LogMinLevel, "log_min_level");
        var filter = new WatchFilter(request.FollowLogs ? logs : null, request.FollowEvents);

        // 1, before listening: an id that does not exist must not make a history.
        var id = (await sandboxes.FindAsync(request.WorkspaceScope, request.Sandbox, cancellationToken)).Id;

        // 2
        using var subscription = events.Subscribe(id, filter);

        // 3
        var current = await store.GetAsync(id, cancellationToken) ?? throw SandboxDirectory.NotFound.ToException();

        // 4
        var isOver = IsOver(request, current);
        var tail = Begin(request, subscription, isOver);

        // 5
        await stream.WriteAsync(new SandboxStreamEvent { Sandbox = current.ToMessage() }, cancellationToken);
        foreach (var recorded in tail)
        {
            await stream.WriteAsync(ToMessage(recorded, id, subscription), cancellationToken);
        }

        if (!isOver)
        {
            await FollowAsync(request, current, subscription, stream, cancellationToken);
        }
    }

    private static IReadOnlyList<RecordedEvent> Begin(WatchSandboxRequest request, SandboxSubscription subscription, bool isOver)
    {
        if (request.ResumeAfterCursor.Length == 0)
        {
            return subscription.BeginWithTail(
                LogMapping.ToCount(request.LogTailLines, DefaultLogTail), LogMapping.ToCount(request.EventTail, 0));
        }

        // Nobody reads on after the snapshot of a sandbox that has ended.
        if (isOver)
        {
            return subscription.TakeAfter(request.ResumeAfterCursor).OrThrow();
        }

        return subscription.BeginAfter(request.ResumeAfterCursor) is { } failure ? throw failure.ToException() : [];
    }

    private static async Task FollowAsync(
        WatchSandboxRequest request,
        SandboxRecord current,
        SandboxSubscription subscription,
        IServerStreamWriter<SandboxStreamEvent> stream,
        CancellationToken cancellationToken)
    {
        var version = current.ResourceVersion;
        while (true)
        {
            switch (await subscription.ReadAsync(cancellationToken))
            {
                case StateEvent { Record: var record } when record.ResourceVersion > version:
                    version = record.ResourceVersion;
                    var isOver = IsOver(request, record);
                    // The end of a watch always has its reason before it.
                    if (request.FollowStatus || isOver)
                    {
                        await stream.WriteAsync(new SandboxStreamEvent { Sandbox = record.ToMessage() }, cancellationToken);
                    }

                    if (isOver)
                    {
                        return;
                    }

                    break;
                case RecordedEvent recorded:
                    await stream.WriteAsync(ToMessage(recorded, current.Id, subscription), cancellationToken);
                    break;
                case MissedEvent missed:
                    await stream.WriteAsync(ToWarning(missed), cancellationToken);
                    break;
                case RemovedEvent:
                    return;
            }
        }
    }

    private static SandboxStreamEvent ToMessage(RecordedEvent recorded, string sandboxId, SandboxSubscription subscription)
    {
        var message = new SandboxStreamEvent { Cursor = subscription.CursorOf(recorded) };
        switch (recorded)
        {
            case LogEvent log:
                message.Log = log.Line.ToMessage(sandboxId);
                break;
            case PlatformEventReceived platform:
                message.Event = platform.Event.ToMessage();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(recorded), recorded, "no message for this event");
        }

        return message;
    }

    private static SandboxStreamEvent ToWarning(MissedEvent missed)
    {
        var what = (missed.Lines, missed.PlatformEvents) switch
        {
            (var lines, 0) => $"{lines} log lines were dropped",
            (0, var platform) => $"{platform} platform events were dropped",
            var (lines, platform) => $"{lines} log lines and {platform} platform events were dropped",
        };
        return new SandboxStreamEvent { Warning = new SandboxStreamWarning { Message = $"this watch is slow: {what}" } };
    }

    private static bool IsOver(WatchSandboxRequest request, SandboxRecord record) =>
        request.StopOnTerminal && record.Phase.IsTerminal();
}
