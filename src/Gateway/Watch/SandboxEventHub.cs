using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Watch;

/// <summary>Brings changes of sandboxes to their watchers and keeps the last platform events and log lines of each. Thread-safe.</summary>
internal sealed class SandboxEventHub
{
    private const int MaxTail = 50;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Topic> _topics = [];

    /// <summary>The log lines that are kept.</summary>
    public LogBuffers Logs { get; } = new(new LogLimits());

    /// <summary>Begins to listen; read the sandbox and its tails after this, so that nothing falls in between.</summary>
    /// <param name="logs">The log lines to hear of; null is none.</param>
    public SandboxSubscription Subscribe(string sandboxId, LogFilter? logs = null)
    {
        lock (_lock)
        {
            var subscription = new SandboxSubscription(s => Unsubscribe(sandboxId, s), logs);
            TopicOf(sandboxId).Subscribers.Add(subscription);
            return subscription;
        }
    }

    /// <summary>The newest platform events of a sandbox, oldest first.</summary>
    public IReadOnlyList<SandboxPlatformEvent> Tail(string sandboxId, int count)
    {
        lock (_lock)
        {
            return _topics.TryGetValue(sandboxId, out var topic) ? [.. topic.Tail.TakeLast(count)] : [];
        }
    }

    public void PublishState(SandboxRecord record) => Publish(record.Id, keep: null, s => s.Post(record));

    public void PublishPlatform(string sandboxId, SandboxPlatformEvent platformEvent) =>
        Publish(sandboxId, platformEvent, s => s.Post(platformEvent));

    /// <summary>Keeps a log line and tells it.</summary>
    /// <returns>False if no log is kept for the sandbox: it does not exist (any more).</returns>
    public bool PublishLog(string sandboxId, SandboxLogLine line)
    {
        if (Logs.Append(sandboxId, line) is not { } kept)
        {
            return false;
        }

        Publish(sandboxId, keep: null, s => s.Post(kept));
        return true;
    }

    public void PublishRemoved(string sandboxId)
    {
        Logs.Forget(sandboxId);
        Publish(sandboxId, keep: null, s => s.PostRemoved());
        lock (_lock)
        {
            if (_topics.TryGetValue(sandboxId, out var topic))
            {
                topic.Tail.Clear();
                RemoveIfEmpty(sandboxId, topic);
            }
        }
    }

    private void Publish(string sandboxId, SandboxPlatformEvent? keep, Action<SandboxSubscription> post)
    {
        SandboxSubscription[] subscribers;
        lock (_lock)
        {
            if (keep is not null)
            {
                var tail = TopicOf(sandboxId).Tail;
                tail.Enqueue(keep);
                if (tail.Count > MaxTail)
                {
                    tail.Dequeue();
                }
            }

            subscribers = _topics.TryGetValue(sandboxId, out var topic) ? [.. topic.Subscribers] : [];
        }

        Array.ForEach(subscribers, post);
    }

    private Topic TopicOf(string sandboxId)
    {
        if (!_topics.TryGetValue(sandboxId, out var topic))
        {
            _topics.Add(sandboxId, topic = new Topic());
        }

        return topic;
    }

    private void Unsubscribe(string sandboxId, SandboxSubscription subscription)
    {
        lock (_lock)
        {
            if (_topics.TryGetValue(sandboxId, out var topic) && topic.Subscribers.Remove(subscription))
            {
                RemoveIfEmpty(sandboxId, topic);
            }
        }
    }

    private void RemoveIfEmpty(string sandboxId, Topic topic)
    {
        if (topic.Subscribers.Count == 0 && topic.Tail.Count == 0)
        {
            _topics.Remove(sandboxId);
        }
    }

    private sealed class Topic
    {
        public HashSet<SandboxSubscription> Subscribers { get; } = [];

        public Queue<SandboxPlatformEvent> Tail { get; } = new();
    }
}
