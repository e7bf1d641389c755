using OpenShell.Gateway.Logs;
using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Watch;

/// <summary>The newest lines of a sandbox that were asked for, oldest first.</summary>
/// <param name="Total">All lines of the sandbox that are kept, wanted or not.</param>
internal sealed record LogTail(IReadOnlyList<SandboxLogLine> Lines, int Total);

/// <summary>
/// What one sandbox said and what happened to it, in one order: its newest log lines and platform events. Its main process
/// may write as much as it likes: what it wrote has half of the room, and more only where nothing else wants it, so that it
/// pushes out no line about the sandbox. Watchers have no queues of their own: each has a place here.
/// Owned by <see cref="SandboxEventHub"/>, whose lock guards it.
/// </summary>
/// <param name="space">Of the cursors of its events.</param>
internal sealed class SandboxHistory(string space)
{
    private readonly LinkedList<RecordedEvent> _events = new();
    private readonly Kind _lines = new();
    private readonly Kind _main = new();
    private readonly Kind _platform = new();

    public string Space => space;

    /// <summary>Whether it keeps log lines: the sandbox is known to exist.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether the sandbox has gone; who watches still hears the end.</summary>
    public bool IsRemoved { get; set; }

    public HashSet<SandboxSubscription> Subscribers { get; } = [];

    /// <summary>How fast its sandbox may push.</summary>
    public LogIntake Intake { get; } = new();

    public long LastSequence { get; private set; }

    public long Bytes => _lines.Bytes + _main.Bytes + _platform.Bytes;

    public int LineCount => _lines.Count + _main.Count;

    /// <summary>Whether nobody would miss it.</summary>
    public bool IsUnused => !IsOpen && Subscribers.Count == 0 && _events.Count == 0;

    public void Add(SandboxLogLine line) => Add(line.Source == LogSources.Main ? _main : _lines, new LogEvent(++LastSequence, line));

    public void Add(SandboxPlatformEvent platformEvent) => Add(_platform, new PlatformEventReceived(++LastSequence, platformEvent));

    /// <summary>Drops events until the rest fits, of each kind the oldest; one line and one platform event stay in any case.</summary>
    public void Trim(LogLimits limits, long maxBytes)
    {
        while (_platform.Count > 1 && (_platform.Count > limits.MaxEvents || _platform.Bytes > maxBytes / 4))
        {
            Drop(_platform);
        }

        while (LineCount > 1 && (LineCount > limits.MaxLines || Bytes > maxBytes))
        {
            var fromMain = _lines.Count == 0
                || (_main.Count > 0
                    && (_main.Count > limits.MaxLines / 2 || _main.Bytes > maxBytes / 2 || _main.OldestSequence < _lines.OldestSequence));
            Drop(fromMain ? _main : _lines);
        }
    }

    /// <summary>The newest lines that a filter wants.</summary>
    public LogTail Tail(LogFilter filter, int count) =>
        new([.. Newest(e => e is LogEvent { Line: var line } && filter.WantsOfTail(line), count).Select(e => ((LogEvent)e).Line)], LineCount);

    /// <summary>The newest events of which one thing is true, oldest first.</summary>
    public IReadOnlyList<RecordedEvent> Newest(Func<RecordedEvent, bool> wanted, int count)
    {
        var newest = new List<RecordedEvent>();
        for (var node = _events.Last; node is not null && newest.Count < count; node = node.Previous)
        {
            if (wanted(node.Value))
            {
                newest.Add(node.Value);
            }
        }

        newest.Reverse();
        return newest;
    }

    /// <summary>The oldest event behind a place; null if there is none.</summary>
    /// <param name="hint">Where the place was when it was taken: saves the search if it is still there.</param>
    public LinkedListNode<RecordedEvent>? After(long sequence, LinkedListNode<RecordedEvent>? hint)
    {
        if (hint?.List == _events)
        {
            return hint.Next;
        }

        var node = _events.First;
        while (node?.Value.Sequence <= sequence)
        {
            node = node.Next;
        }

        return node;
    }

    /// <summary>Whether nothing that a filter may want was dropped from behind a place.</summary>
    public bool IsWholeAfter(long sequence, WatchFilter filter) =>
        (!filter.PlatformEvents || _platform.DroppedThrough <= sequence)
        && (filter.Logs?.WantsMain != true || _main.DroppedThrough <= sequence)
        && (filter.Logs?.WantsOthers != true || _lines.DroppedThrough <= sequence);

    private void Add(Kind kind, RecordedEvent recorded) => kind.Add(_events.AddLast(recorded));

    private void Drop(Kind kind)
    {
        var dropped = kind.Drop();
        _events.Remove(dropped);
        foreach (var subscriber in Subscribers)
        {
            subscriber.Dropped(dropped.Value);
        }
    }

    /// <summary>Events that make room for each other.</summary>
    private sealed class Kind
    {
        private readonly Queue<LinkedListNode<RecordedEvent>> _kept = new();

        public int Count => _kept.Count;

        public long Bytes { get; private set; }

        public long OldestSequence => _kept.Peek().Value.Sequence;

        /// <summary>The newest one that was dropped; 0: none was.</summary>
        public long DroppedThrough { get; private set; }

        public void Add(LinkedListNode<RecordedEvent> node)
        {
            _kept.Enqueue(node);
            Bytes += node.Value.Bytes;
        }

        public LinkedListNode<RecordedEvent> Drop()
        {
            var node = _kept.Dequeue();
            Bytes -= node.Value.Bytes;
            DroppedThrough = node.Value.Sequence;
            return node;
        }
    }
}
