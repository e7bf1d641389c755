using OpenShell.TestKit;

namespace OpenShell.Gateway.Sessions;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class SessionRegistryTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(15);
    private readonly ManualTimeProvider _time = new();
    private readonly SessionRegistry _registry;

    public SessionRegistryTests() => _registry = new SessionRegistry(_time);

    [Test]
    public void Register_First_IsFound()
    {
        var session = Session("a");

        Assert.That(_registry.Register(session), Is.EqualTo(new RegisterResult(null, null)));
        Assert.That(_registry.Find("a"), Is.SameAs(session));
        Assert.That(_registry.Find("b"), Is.Null);
        Assert.That(_registry.Count, Is.EqualTo(1));
        Assert.That(session.EndReason, Is.EqualTo(SessionEnd.None));
    }

    [Test]
    public void Register_Second_SupersedesTheFirst()
    {
        var (old, replacement, other) = (Session("a"), Session("a"), Session("b"));
        _registry.Register(old);
        _registry.Register(other);

        Assert.That(_registry.Register(replacement), Is.EqualTo(new RegisterResult(null, old)));
        Assert.That(old.EndReason, Is.EqualTo(SessionEnd.Superseded));
        Assert.That(old.Ended.IsCancellationRequested, Is.True);
        Assert.That(_registry.Find("a"), Is.SameAs(replacement));
        Assert.That(other.EndReason, Is.EqualTo(SessionEnd.None));
    }

    [Test]
    public void RemoveIfCurrent_Superseded_LeavesTheNewerOne()
    {
        var (old, replacement) = (Session("a"), Session("a"));
        _registry.Register(old);
        _registry.Register(replacement);

        Assert.That(_registry.RemoveIfCurrent(old), Is.False);
        Assert.That(_registry.Find("a"), Is.SameAs(replacement));
        Assert.That(_registry.RemoveIfCurrent(replacement), Is.True);
        Assert.That(_registry.RemoveIfCurrent(replacement), Is.False);
        Assert.That(_registry.Find("a"), Is.Null);
    }

    // The connection that a supervisor gave up comes in after the one that took its place.
    [Test]
    public void Register_LowerConnectionEpochOfTheLiveInstance_IsRejectedAndTheSessionStays()
    {
        var live = Session("a", connection: 7);
        _registry.Register(live);

        var late = Session("a", connection: 6);
        var result = _registry.Register(late);

        Assert.That(result.Rejection, Is.EqualTo("connection epoch 6 of instance instance is over; its connection 7 is live"));
        Assert.That(_registry.RemoveIfCurrent(late), Is.False);
        Assert.That(_registry.Find("a"), Is.SameAs(live));
        Assert.That(live.EndReason, Is.EqualTo(SessionEnd.None));
    }

    [TestCase(8ul, 1, "instance")]
    [TestCase(7ul, 1, "instance")]
    [TestCase(0ul, 1, "instance", Description = "it does not count")]
    [TestCase(1ul, 1, "another")]
    [TestCase(1ul, 2, "instance")]
    public void Register_OtherConnectionEpochs_Supersede(ulong connection, int epoch, string instance)
    {
        var live = Session("a", connection: 7);
        _registry.Register(live);

        Assert.That(_registry.Register(Session("a", epoch, connection, instance)), Is.EqualTo(new RegisterResult(null, live)));
    }

    [Test]
    public void Register_LowerConnectionEpochAfterTheLiveOneEnded_IsTaken()
    {
        var ended = Session("a", connection: 7);
        _registry.Register(ended);
        _registry.RemoveIfCurrent(ended);

        Assert.That(_registry.Register(Session("a", connection: 1)).Rejection, Is.Null);
    }

    [Test]
    public void Register_LowerEpoch_IsRejectedAndTheSessionStays()
    {
        var current = Session("a", epoch: 3);
        _registry.Register(current);

        var result = _registry.Register(Session("a", epoch: 2));

        Assert.That(result.Rejection, Is.EqualTo("boot epoch 2 is over; the sandbox was started again (epoch 3)"));
        Assert.That(_registry.Find("a"), Is.SameAs(current));
        Assert.That(current.EndReason, Is.EqualTo(SessionEnd.None));
    }

    [Test]
    public void Register_LowerEpochAfterTheHigherOneHasGone_IsRejected()
    {
        var current = Session("a", epoch: 3);
        _registry.Register(current);
        _registry.RemoveIfCurrent(current);

        Assert.That(_registry.Register(Session("a", epoch: 2)).Rejection, Is.Not.Null);
        Assert.That(_registry.Register(Session("a", epoch: 3)).Rejection, Is.Null);
    }

    [Test]
    public void Disconnect_Always_EndsTheSessionAndFencesItsEpoch()
    {
        var session = Session("a", epoch: 1);
        _registry.Register(session);

        Assert.That(_registry.Disconnect("a", nextEpoch: 2), Is.SameAs(session));
        Assert.That(session.EndReason, Is.EqualTo(SessionEnd.Disconnected));
        Assert.That(_registry.Find("a"), Is.Null);
        Assert.That(_registry.Register(Session("a", epoch: 1)).Rejection, Is.Not.Null);
        Assert.That(_registry.Register(Session("a", epoch: 2)).Rejection, Is.Null);
    }

    [Test]
    public void Disconnect_LowerThanTheHighestSeen_KeepsTheHigherFence()
    {
        _registry.Register(Session("a", epoch: 5));

        _registry.Disconnect("a", nextEpoch: 2);

        Assert.That(_registry.Register(Session("a", epoch: 4)).Rejection, Is.Not.Null);
    }

    [Test]
    public async Task WaitAsync_SessionIsThere_ReturnsItAtOnce()
    {
        var session = Session("a");
        _registry.Register(session);

        var waiting = _registry.WaitAsync("a", TimeSpan.Zero, CancellationToken.None);

        Assert.That(waiting.IsCompleted, Is.True);
        Assert.That(await waiting, Is.SameAs(session));
        Assert.That(_time.ActiveTimers, Is.Zero);
    }

    [Test]
    public async Task WaitAsync_SessionArrives_AllWaitersGetIt()
    {
        var waiting = Enumerable.Range(0, 3).Select(_ => _registry.WaitAsync("a", Wait, CancellationToken.None)).ToList();
        var elsewhere = _registry.WaitAsync("b", Wait, CancellationToken.None);
        var session = Session("a");

        _registry.Register(session);

        Assert.That(await Eventually.EndsAsync(Task.WhenAll(waiting), "the waits"), Is.All.SameAs(session));
        Assert.That(elsewhere.IsCompleted, Is.False);
    }

    [Test]
    public async Task WaitAsync_NobodyComes_IsNullExactlyWhenTheTimeIsOver()
    {
        var waiting = _registry.WaitAsync("a", Wait, CancellationToken.None);
        _time.Advance(Wait - TimeSpan.FromMilliseconds(1));
        Assert.That(waiting.IsCompleted, Is.False);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.That(await Eventually.EndsAsync(waiting, "the wait"), Is.Null);
    }

    [Test]
    public async Task WaitAsync_NoTimeAtAll_IsNull() =>
        Assert.That(await Eventually.EndsAsync(_registry.WaitAsync("a", TimeSpan.Zero, CancellationToken.None), "the wait"), Is.Null);

    [Test]
    public async Task WaitAsync_OneCancels_TheOthersStillGetTheSession()
    {
        using var cancel = new CancellationTokenSource();
        var cancelled = _registry.WaitAsync("a", Wait, cancel.Token);
        var staying = _registry.WaitAsync("a", Wait, CancellationToken.None);

        await cancel.CancelAsync();
        await Assert.ThatAsync(() => Eventually.EndsAsync(cancelled, "the cancelled wait"), Throws.InstanceOf<OperationCanceledException>());
        var session = Session("a");
        _registry.Register(session);

        Assert.That(await Eventually.EndsAsync(staying, "the other wait"), Is.SameAs(session));
    }

    [Test]
    public async Task WaitAsync_RejectedRegistration_DoesNotWake()
    {
        _registry.Disconnect("a", nextEpoch: 2);
        var waiting = _registry.WaitAsync("a", Wait, CancellationToken.None);

        _registry.Register(Session("a", epoch: 1));
        Assert.That(waiting.IsCompleted, Is.False);

        var session = Session("a", epoch: 2);
        _registry.Register(session);
        Assert.That(await Eventually.EndsAsync(waiting, "the wait"), Is.SameAs(session));
    }

    [Test]
    public async Task Forget_Waiters_GetNullAndTheFenceIsGone()
    {
        _registry.Disconnect("a", nextEpoch: 9);
        var waiting = _registry.WaitAsync("a", Wait, CancellationToken.None);

        _registry.Forget("a");

        Assert.That(await Eventually.EndsAsync(waiting, "the wait"), Is.Null);
        Assert.That(_registry.Register(Session("a", epoch: 1)).Rejection, Is.Null);
    }

    [Test]
    public async Task Stop_Always_EndsAllAndRefusesNew()
    {
        var session = Session("a");
        _registry.Register(session);
        var waiting = _registry.WaitAsync("b", Wait, CancellationToken.None);

        _registry.Stop();
        _registry.Stop();

        Assert.That(session.EndReason, Is.EqualTo(SessionEnd.Stopping));
        Assert.That(await Eventually.EndsAsync(waiting, "the wait"), Is.Null);
        Assert.That(_registry.Register(Session("a")).Rejection, Is.EqualTo("the gateway is shutting down"));
        Assert.That(await Eventually.EndsAsync(_registry.WaitAsync("a", Wait, CancellationToken.None), "a wait after the stop"), Is.Null);
        Assert.That(_registry.Count, Is.Zero);
    }

    [Test]
    public async Task Stop_AgainstManyRegistrations_LeavesNoSessionAlive()
    {
        for (var round = 0; round < 200; round++)
        {
            var registry = new SessionRegistry(_time);
            using var start = new Barrier(3);
            var sessions = new[] { Session("a"), Session("b") };
            var registering = sessions.Select(session => Task.Run(() =>
            {
                start.SignalAndWait();
                return registry.Register(session).Rejection is null;
            })).ToArray();
            var stopping = Task.Run(() =>
            {
                start.SignalAndWait();
                registry.Stop();
            });

            var registered = await Eventually.EndsAsync(Task.WhenAll(registering), "the registrations");
            await Eventually.EndsAsync(stopping, "the stop");

            Assert.That(registry.Count, Is.Zero);
            Assert.That(sessions.Select(s => s.EndReason == SessionEnd.Stopping), Is.EqualTo(registered), "registered means ended by the stop");
        }
    }

    [Test]
    public async Task Register_ManyAtOnce_ExactlyOneStaysAlive()
    {
        using var start = new Barrier(16);
        var sessions = Enumerable.Range(0, 16).Select(_ => Session("a")).ToList();

        await Eventually.EndsAsync(
            Task.WhenAll(sessions.Select(session => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    _registry.Register(session);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))),
            "the registrations");

        var alive = sessions.Where(s => s.EndReason == SessionEnd.None).ToList();
        Assert.That(alive, Is.EqualTo(new[] { _registry.Find("a") }));
        Assert.That(sessions.Except(alive).Select(s => s.EndReason), Is.All.EqualTo(SessionEnd.Superseded));
    }

    [Test]
    public async Task Register_EndedSessionsCallback_MayComeBackToTheRegistry()
    {
        // Nothing is called under the lock: an old session's end removes it without a deadlock.
        var old = Session("a");
        _registry.Register(old);
        var removed = true;
        await using var registration = old.Ended.Register(() => removed = _registry.RemoveIfCurrent(old));

        _registry.Register(Session("a"));

        Assert.That(removed, Is.False);
    }

    private static SupervisorSession Session(string sandboxId, int epoch = 1, ulong connection = 0, string instance = "instance") =>
        new(sandboxId, instance, epoch, "1", []) { ConnectionEpoch = connection };
}
