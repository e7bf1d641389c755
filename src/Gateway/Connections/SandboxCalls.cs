using OpenShell.Gateway.Auth;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Connections;

/// <summary>
/// What one sandbox may call: so many at a time and so many a minute of each kind, over all of its connections. A
/// supervisor stays far below; a guest with its token may try what it likes. Thread-safe.
/// </summary>
/// <param name="maxRelays">Relays that one sandbox may have at a time, pending ones too.</param>
internal sealed class SandboxCalls(int maxRelays, TimeProvider time)
{
    private const string PushLogs = "/openshell.v1.OpenShell/PushSandboxLogs";

    private static readonly CallKind Session = new("ConnectSupervisor", 8, 120);

    // One call is fifty lines; how many lines there may be is LogIntake's to say, which is less.
    private static readonly CallKind Logs = new("PushSandboxLogs", 4, 6000);
    private static readonly CallKind Other = new("other", 16, 600);

    // Claims that are refused are few; those that are not were asked for. Both end.
    private readonly CallKind _relays = new("RelayStream", maxRelays + 64, null);
    private readonly Lock _lock = new();
    private readonly Dictionary<(string SandboxId, CallKind Kind), Usage> _usages = [];

    /// <summary>A call begins.</summary>
    /// <returns>What to give back at its end, or the failure to answer.</returns>
    public (IDisposable? Place, Failure? Refusal) Begin(SandboxPrincipal sandbox, string path)
    {
        var kind = path switch
        {
            AuthMiddleware.ConnectSupervisor => Session,
            RelayWire.RelayStreamPath => _relays,
            PushLogs => Logs,
            _ => Other,
        };
        lock (_lock)
        {
            var key = (sandbox.SandboxId, kind);
            if (!_usages.TryGetValue(key, out var usage))
            {
                _usages.Add(key, usage = new Usage(this, kind, time.GetTimestamp()));
            }

            if (usage.Running >= kind.MaxRunning)
            {
                return Refuse(CallLimit.SandboxCalls, $"the sandbox has {kind.MaxRunning} calls of this kind ({kind.Name}) running");
            }

            if (kind.PerMinute is { } perMinute && !usage.Rate.TryTake(1, time))
            {
                return Refuse(CallLimit.SandboxRate, $"the sandbox has made {perMinute} calls of this kind ({kind.Name}) within a minute");
            }

            usage.Running++;
            return (usage, null);
        }
    }

    /// <summary>Forgets what is as good as new.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            foreach (var (key, usage) in _usages)
            {
                usage.Rate.Refill(time);
                if (usage.Running == 0 && usage.Rate.IsFull)
                {
                    _usages.Remove(key);
                }
            }
        }
    }

    private static (IDisposable? Place, Failure? Refusal) Refuse(CallLimit limit, string what)
    {
        ConnectionMetrics.Refused(limit);
        return (null, new Failure(FailureKind.ResourceExhausted, $"{what}, which is the limit"));
    }

    private void End(Usage usage)
    {
        lock (_lock)
        {
            usage.Running--;
        }
    }

    private sealed record CallKind(string Name, int MaxRunning, int? PerMinute);

    // Disposed once a call; what it counts is guarded by the lock of its owner.
    private sealed class Usage(SandboxCalls owner, CallKind kind, long now) : IDisposable
    {
        public TokenBucket Rate = new(kind.PerMinute ?? 1, (kind.PerMinute ?? 60) / 60.0, now);

        public int Running { get; set; }

        public void Dispose() => owner.End(this);
    }
}
