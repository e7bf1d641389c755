using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Watch;

/// <summary>
/// One watcher's place in the history of a sandbox. Nothing is queued for it: it reads what the history keeps, in order, and a
/// watcher that is slower than the history forgets is told how much it missed. Of states it gets the newest. One reader;
/// disposing unsubscribes. Made by <see cref="SandboxEventHub"/>, whose lock guards it.
/// </summary>
internal sealed class SandboxSubscription(
    SandboxHistory history, WatchFilter filter, Lock hubLock, Action<SandboxSubscription> unsubscribe) : IDisposable
{
    private const int LongestQuote = 64;

    private readonly SemaphoreSlim _arrived = new(0, 1);
    private long _sequence = history.LastSequence;
    private LinkedListNode<RecordedEvent>? _place;
    private SandboxRecord? _state;
    private long _eventsBeforeState;
    private ulong _newestVersion;
    private int _missedLines;
    private int _missedPlatformEvents;

    public SandboxHistory History => history;

    /// <summary>The newest that is kept of what is wanted, lines before platform events; what comes after it is read next.</summary>
    public IReadOnlyList<RecordedEvent> BeginWithTail(int lines, int platformEvents)
    {
        lock (hubLock)
        {
            MoveTo(history.LastSequence);
            return
            [
                .. history.Newest(e => e is LogEvent { Line: var line } && filter.Logs?.WantsOfTail(line) == true, lines),
                .. history.Newest(e => e is PlatformEventReceived && filter.PlatformEvents, platformEvents),
            ];
        }
    }

    /// <summary>Reads next what came after a cursor.</summary>
    /// <returns>Null; or InvalidArgument for one that was never given out, or OutOfRange where something is missing.</returns>
    public Failure? BeginAfter(string cursor)
    {
        if (!WatchCursor.TryParse(cursor, out var place))
        {
            return NeverIssued(cursor);
        }

        lock (hubLock)
        {
            if (place.Space != history.Space)
            {
                return Gone("it is of an earlier run of the gateway, or of an earlier sandbox of this name");
            }

            if (place.Sequence > history.LastSequence)
            {
                return NeverIssued(cursor);
            }

            if (!history.IsWholeAfter(place.Sequence, filter))
            {
                return Gone("events that followed it are not kept any more");
            }

            MoveTo(place.Sequence);
            return null;
        }
    }

    /// <summary>All that came after a cursor until now, for who reads no further; in its order.</summary>
    /// <returns>Or a failure as that of <see cref="BeginAfter"/>.</returns>
    public Outcome<IReadOnlyList<RecordedEvent>> TakeAfter(string cursor)
    {
        lock (hubLock)
        {
            if (BeginAfter(cursor) is { } failure)
            {
                return failure;
            }

            var kept = new List<RecordedEvent>();
            while (Next() is { } node)
            {
                (_sequence, _place) = (node.Value.Sequence, node);
                kept.Add(node.Value);
            }

            return kept;
        }
    }

    /// <summary>The cursor of an event of this sandbox.</summary>
    public string CursorOf(RecordedEvent recorded) => new WatchCursor(history.Space, recorded.Sequence).ToString();

    /// <summary>The next event; waits for it.</summary>
    public async Task<SandboxEvent> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (hubLock)
            {
                if (TryTake() is { } next)
                {
                    return next;
                }
            }

            await _arrived.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes a state. For the owner of the lock.</summary>
    public void Post(SandboxRecord state)
    {
        // Writers publish in any order; an older version never comes after a newer one, not even one that was read already.
        if (state.ResourceVersion > _newestVersion)
        {
            _newestVersion = state.ResourceVersion;
            // A newer state takes the place of the one that waits, so that no log, however busy, holds states back.
            _eventsBeforeState = _state is null ? history.LastSequence : _eventsBeforeState;
            _state = state;
        }
    }

    /// <summary>An event does not exist any more. For the owner of the lock.</summary>
    public void Dropped(RecordedEvent recorded)
    {
        if (recorded.Sequence > _sequence && filter.Wants(recorded))
        {
            (_missedLines, _missedPlatformEvents) = recorded is LogEvent
                ? (_missedLines + 1, _missedPlatformEvents)
                : (_missedLines, _missedPlatformEvents + 1);
        }
    }

    /// <summary>There is something to read. For the owner of the lock.</summary>
    public void Wake()
    {
        if (_arrived.CurrentCount == 0)
        {
            _arrived.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => unsubscribe(this);

    private static Failure NeverIssued(string cursor) => Failure.OfField(
        "resume_after_cursor",
        $"resume_after_cursor '{HarmlessText.Line(cursor, LongestQuote)}' is no cursor of this gateway: send one that a watch of this sandbox gave");

    private static Failure Gone(string why) =>
        new(FailureKind.OutOfRange, $"resume_after_cursor cannot be resumed: {why}; watch again without a cursor");

    private void MoveTo(long sequence) =>
        (_sequence, _place, _missedLines, _missedPlatformEvents) = (sequence, null, 0, 0);

    private SandboxEvent? TryTake()
    {
        if (_missedLines + _missedPlatformEvents > 0)
        {
            var missed = new MissedEvent(_missedLines, _missedPlatformEvents);
            (_missedLines, _missedPlatformEvents) = (0, 0);
            return missed;
        }

        var next = Next();
        if (_state is { } state && (next is null || next.Value.Sequence > _eventsBeforeState))
        {
            _state = null;
            return new StateEvent(state);
        }

        if (next is null)
        {
            return history.IsRemoved ? new RemovedEvent() : null;
        }

        (_sequence, _place) = (next.Value.Sequence, next);
        return next.Value;
    }

    // The next event that is wanted; the place is right before it then.
    private LinkedListNode<RecordedEvent>? Next()
    {
        var node = history.After(_sequence, _place);
        while (node is not null && !filter.Wants(node.Value))
        {
            (_sequence, _place) = (node.Value.Sequence, node);
            node = node.Next;
        }

        return node;
    }
}
