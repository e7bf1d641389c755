using System.IO.Pipelines;
using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Relay;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Model;

/// <summary>
/// The registry, the table and the broker beside a model of them that is simple enough to be right. Each step is done
/// to both; when everything that it set in motion has come to rest, both must be the same.
/// </summary>
internal sealed class SessionRelayModel : IDisposable
{
    private static readonly TimeSpan SessionWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(10);

    // Small, so that runs of a few dozen steps meet them.
    private readonly RelayOptions _options = new() { MaxPending = 4, MaxPendingPerSandbox = 2, MaxActive = 3, MaxActivePerSandbox = 2 };
    private readonly ManualTimeProvider _time = new();
    private readonly SessionRegistry _registry;
    private readonly RelayTable _table;
    private readonly RelayBroker _broker;

    private readonly Dictionary<string, SupervisorSession> _live = [];
    private readonly Dictionary<string, int> _epochs = [];
    private readonly List<SupervisorSession> _sessions = [];
    private readonly List<ModelOpen> _opens = [];
    private bool _stopping;

    public SessionRelayModel()
    {
        _registry = new SessionRegistry(_time);
        _table = new RelayTable(_options, _time);
        _broker = new RelayBroker(_registry, _table, _options, _time, new SandboxJournal(new SandboxEventHub(), _time));
    }

    public void Dispose()
    {
        _sessions.ForEach(s => s.Dispose());
        _opens.ForEach(o => o.Dispose());
    }

    public void Do(Step step)
    {
        var sandbox = $"s{step.Sandbox}";
        switch (step.Deed)
        {
            case Deed.Register:
                Register(sandbox, _epochs.GetValueOrDefault(sandbox) + (step.Pick % 2));
                break;
            case Deed.RegisterOldEpoch:
                Register(sandbox, _epochs.GetValueOrDefault(sandbox) - 1);
                break;
            case Deed.Remove:
                Remove(step.Pick);
                break;
            case Deed.Disconnect:
                Disconnect(sandbox);
                break;
            case Deed.Open:
                Open(sandbox);
                break;
            case Deed.Claim:
                Claim(Pick(OpenState.Pending, step.Pick));
                break;
            case Deed.ClaimAsAnother:
                ClaimAsAnother(Pick(OpenState.Pending, step.Pick));
                break;
            case Deed.Fail:
                Fail(Pick(OpenState.Pending, step.Pick));
                break;
            case Deed.GiveUp:
                GiveUp(Pick(step.Pick % 2 == 0 ? OpenState.Pending : OpenState.Waiting, step.Pick / 2));
                break;
            case Deed.End:
                End(Pick(OpenState.Active, step.Pick));
                break;
            case Deed.TimePasses:
                TimePasses(TimeSpan.FromSeconds(1 + (step.Pick % 8)));
                break;
            case Deed.CloseAll:
                CloseAll(step.Pick % 4 == 0 ? null : sandbox);
                break;
            case Deed.Stop:
                Stop();
                break;
        }

        Compare();
    }

    /// <summary>Everything that still goes on ends; nothing may be left.</summary>
    public void Finish()
    {
        Stop();
        CloseAll(null);
        foreach (var open in Of(OpenState.Active).ToList())
        {
            End(open);
        }

        Compare();
        Assert.That((_table.PendingCount, _table.ActiveCount, _registry.Count, _time.ActiveTimers), Is.EqualTo((0, 0, 0, 0)));
        Assert.That(_opens.Select(o => o.Task.IsCompleted), Is.All.True, "every caller has its answer");
        Assert.That(_sessions.Select(s => s.EndReason), Is.All.Not.EqualTo(SessionEnd.None), "no session is alive");
    }

    private void Register(string sandbox, int epoch)
    {
        var session = new SupervisorSession(sandbox, "instance", epoch, "1", []);
        _sessions.Add(session);
        var result = _registry.Register(session);
        if (_stopping || epoch < _epochs.GetValueOrDefault(sandbox))
        {
            Assert.That(result.Rejection, Is.Not.Null);
            session.End(SessionEnd.PeerGone);
            return;
        }

        Assert.That((result.Rejection, result.Superseded), Is.EqualTo(((string?)null, _live.GetValueOrDefault(sandbox))));
        _epochs[sandbox] = epoch;
        _live[sandbox] = session;
        var pending = Of(OpenState.Pending).Where(o => o.SandboxId == sandbox).Select(o => o.Name).ToList();
        _broker.Reissue(session);
        Admit(sandbox);
        AssertSent(session, pending);
    }

    // All that waited for the session ask for a slot at once: how many get one is certain, which is not.
    private void Admit(string sandbox)
    {
        var waiting = Of(OpenState.Waiting).Where(o => o.SandboxId == sandbox).ToList();
        var admitted = Math.Min(waiting.Count, Room(sandbox));
        Settle(() => waiting.Count(o => o.Task.IsCompleted) == waiting.Count - admitted && _table.PendingCount == Of(OpenState.Pending).Count() + admitted);
        foreach (var open in waiting)
        {
            Admitted(open, !open.Task.IsCompleted);
        }
    }

    private void Open(string sandbox)
    {
        var open = new ModelOpen(sandbox, $"open-{_opens.Count}", _time.GetUtcNow() + SessionWait);
        var room = Room(sandbox) > 0;
        _opens.Add(open);
        open.Task = _broker.OpenAsync(sandbox, new ExecTarget(), open.Name, SessionWait, open.Caller.Token);
        if (_stopping)
        {
            Ended(open, FailureKind.Unavailable);
        }
        else if (_live.TryGetValue(sandbox, out var session))
        {
            Admitted(open, room);
            AssertSent(session, room ? [open.Name] : []);
        }
    }

    private void Admitted(ModelOpen open, bool hasSlot)
    {
        if (!hasSlot)
        {
            Ended(open, FailureKind.ResourceExhausted);
            return;
        }

        open.State = OpenState.Pending;
        open.Deadline = _time.GetUtcNow() + _options.ClaimTimeout;
    }

    private void Remove(int pick)
    {
        if (_sessions.Count == 0)
        {
            return;
        }

        var session = _sessions[pick % _sessions.Count];
        var current = _live.GetValueOrDefault(session.SandboxId) == session;
        Assert.That(_registry.RemoveIfCurrent(session), Is.EqualTo(current));
        session.End(SessionEnd.PeerGone);
        if (current)
        {
            _live.Remove(session.SandboxId);
        }
    }

    private void Disconnect(string sandbox)
    {
        var next = _epochs.GetValueOrDefault(sandbox) + 1;
        Assert.That(_registry.Disconnect(sandbox, next), Is.SameAs(_live.GetValueOrDefault(sandbox)));
        _live.Remove(sandbox);
        _epochs[sandbox] = next;
    }

    private void Claim(ModelOpen? open)
    {
        if (open is null)
        {
            Assert.That(_table.Claim("unknown", "s0").Outcome, Is.EqualTo(ClaimOutcome.Unknown));
            return;
        }

        var full = Of(OpenState.Active).Count() >= _options.MaxActive
            || Of(OpenState.Active).Count(o => o.SandboxId == open.SandboxId) >= _options.MaxActivePerSandbox;
        var channel = Find(open).ChannelId;
        var claim = _table.Claim(channel, open.SandboxId);
        Assert.That(claim.Outcome, Is.EqualTo(full ? ClaimOutcome.LimitReached : ClaimOutcome.Claimed));
        Assert.That(_table.Claim(channel, open.SandboxId).Outcome, Is.EqualTo(ClaimOutcome.Unknown), "good once");
        if (full)
        {
            Assert.That(claim.Pending!.TryFail(new Failure(FailureKind.ResourceExhausted, "full")), Is.True);
            Ended(open, FailureKind.ResourceExhausted);
            return;
        }

        Assert.That(claim.Pending!.TrySucceed(Connection()), Is.True);
        Assert.That(claim.Pending.TryFail(new Failure(FailureKind.Unavailable, "late")), Is.False, "completed once");
        (open.State, open.Relay) = (OpenState.Active, claim.Active);
    }

    private void ClaimAsAnother(ModelOpen? open)
    {
        if (open is not null)
        {
            Assert.That(_table.Claim(Find(open).ChannelId, "somebody-else").Outcome, Is.EqualTo(ClaimOutcome.WrongSandbox));
        }
    }

    private void Fail(ModelOpen? open)
    {
        if (open is null)
        {
            return;
        }

        var channel = Find(open).ChannelId;
        Assert.That(_broker.Fail(channel, open.SandboxId, "no target"), Is.True);
        Assert.That(_broker.Fail(channel, open.SandboxId, "again"), Is.False);
        Ended(open, FailureKind.Unavailable);
    }

    private static void GiveUp(ModelOpen? open)
    {
        if (open is not null)
        {
            open.Caller.Cancel();
            (open.State, open.GaveUp) = (OpenState.Done, true);
        }
    }

    private void End(ModelOpen? open)
    {
        if (open is not null)
        {
            _table.RemoveActive(open.Relay!);
            open.State = OpenState.Done;
        }
    }

    private void TimePasses(TimeSpan by)
    {
        _time.Advance(by);
        foreach (var open in _opens.Where(o => o.State is OpenState.Waiting or OpenState.Pending && o.Deadline <= _time.GetUtcNow()))
        {
            Ended(open, open.State == OpenState.Waiting ? FailureKind.Unavailable : FailureKind.DeadlineExceeded);
        }
    }

    private void CloseAll(string? sandbox)
    {
        _broker.CloseAll(sandbox, "closed");
        foreach (var open in Of(OpenState.Pending).Where(o => sandbox is null || o.SandboxId == sandbox))
        {
            Ended(open, FailureKind.Unavailable);
        }

        Assert.That(
            Of(OpenState.Active).Where(o => sandbox is null || o.SandboxId == sandbox).Select(o => o.Relay!.Ended.IsCancellationRequested), Is.All.True);
    }

    private void Stop()
    {
        _registry.Stop();
        _stopping = true;
        _live.Clear();
        foreach (var open in Of(OpenState.Waiting))
        {
            Ended(open, FailureKind.Unavailable);
        }
    }

    private void Compare()
    {
        // Whoever waits has a timer; so this is also when all of them have theirs.
        Settle(() => _time.ActiveTimers == _opens.Count(o => o.State is OpenState.Waiting or OpenState.Pending)
            && _opens.All(o => o.Task.IsCompleted == o.State is OpenState.Active or OpenState.Done));
        Assert.That(_table.PendingCount, Is.EqualTo(Of(OpenState.Pending).Count()), "pending slots");
        Assert.That(_table.ActiveCount, Is.EqualTo(Of(OpenState.Active).Count()), "active slots");
        Assert.That(_registry.Count, Is.EqualTo(_live.Count), "sessions");
        foreach (var session in _sessions)
        {
            var live = _live.GetValueOrDefault(session.SandboxId) == session;
            Assert.That(_registry.Find(session.SandboxId) == session, Is.EqualTo(live), "found means live");
            Assert.That(session.EndReason == SessionEnd.None, Is.EqualTo(live), "alive means live");
        }

        Assert.That(_opens.Where(o => o.Task.IsCompleted).Select(Result), Is.EqualTo(_opens.Where(o => o.Task.IsCompleted).Select(Expected)));
    }

    private static void AssertSent(SupervisorSession session, IEnumerable<string> names)
    {
        var sent = new List<string>();
        while (session.Commands.TryRead(out var command))
        {
            sent.Add(((OpenRelayCommand)command).ServiceId);
        }

        Assert.That(names, Is.SubsetOf(sent), "the session was asked");
    }

    private static string Result(ModelOpen open) => open.Task switch
    {
        { IsCanceled: true } => "gave up",
        { IsFaulted: true } => open.Task.Exception.ToString(),
        _ => open.Task.GetAwaiter().GetResult().Succeeded(out _, out var failure) ? "relay" : failure.Kind.ToString(),
    };

    private static string Expected(ModelOpen open) => open.GaveUp ? "gave up" : open.Failure?.ToString() ?? "relay";

    private static void Ended(ModelOpen open, FailureKind failure) => (open.State, open.Failure) = (OpenState.Done, failure);

    private static void Settle(Func<bool> atRest) =>
        Assert.That(SpinWait.SpinUntil(atRest, Hang), Is.True, "what the step set in motion comes to rest as the model says");

    private IEnumerable<ModelOpen> Of(OpenState state) => _opens.Where(o => o.State == state);

    private ModelOpen? Pick(OpenState state, int pick)
    {
        var candidates = Of(state).ToList();
        return candidates.Count == 0 ? null : candidates[pick % candidates.Count];
    }

    private int Room(string sandbox) => Math.Max(0, Math.Min(
        Math.Min(_options.MaxPending - Of(OpenState.Pending).Count(), _options.MaxPendingPerSandbox - Of(OpenState.Pending).Count(o => o.SandboxId == sandbox)),
        Of(OpenState.Active).Count() >= _options.MaxActive || Of(OpenState.Active).Count(o => o.SandboxId == sandbox) >= _options.MaxActivePerSandbox ? 0 : int.MaxValue));

    private PendingRelay Find(ModelOpen open) => _table.ListPending(open.SandboxId).Single(p => p.ServiceId == open.Name);

    private static RelayConnection Connection()
    {
        var pipe = new Pipe();
        return new RelayConnection(new RelayFrameReader(pipe.Reader), new RelayFrameWriter(pipe.Writer), new NoTransport(), peerKnowsEndOfStream: true);
    }

    private sealed class NoTransport : IRelayTransport
    {
        public bool PeerEndsStream => false;

        public ValueTask CompleteWritesAsync() => ValueTask.CompletedTask;

        public void ThrowIfFailed()
        {
        }

        public void Abort()
        {
        }

        public ValueTask CloseAsync(bool clean) => ValueTask.CompletedTask;
    }
}
