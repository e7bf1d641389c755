using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Outcomes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Relays;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class RelayTableTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void TryAdd_GlobalPendingLimit_IsRefusedWithTheLimit()
    {
        var table = Table();
        for (var i = 0; i < 256; i++)
        {
            Assert.That(table.TryAdd(Pending($"sandbox-{i % 16}")), Is.Null);
        }

        AssertExhausted(table.TryAdd(Pending("another")), "gateway relay capacity reached (256 in flight; --max-pending-relays)");
        Assert.That(table.PendingCount, Is.EqualTo(256));
    }

    [Test]
    public void TryAdd_PendingLimitOfASandbox_LeavesOthersAlone()
    {
        var table = Table();
        for (var i = 0; i < 32; i++)
        {
            Assert.That(table.TryAdd(Pending("a")), Is.Null);
        }

        AssertExhausted(table.TryAdd(Pending("a")), "per-sandbox relay limit reached (32 in flight for a; --max-pending-relays-per-sandbox)");
        Assert.That(table.TryAdd(Pending("b")), Is.Null);
    }

    [Test]
    public void TryAdd_GlobalActiveLimit_IsRefusedWithTheLimit()
    {
        var table = Table(new RelayOptions { MaxActive = 2 });
        Activate(table, "a");
        Activate(table, "b");

        AssertExhausted(table.TryAdd(Pending("c")), "gateway relay capacity reached (2 active; --max-relays)");
    }

    [Test]
    public void TryAdd_ActiveLimitOfASandbox_LeavesOthersAlone()
    {
        var table = Table(new RelayOptions { MaxActivePerSandbox = 2 });
        Activate(table, "a");
        var second = Activate(table, "a");

        AssertExhausted(table.TryAdd(Pending("a")), "per-sandbox relay limit reached (2 active for a; --max-relays-per-sandbox)");
        Assert.That(table.TryAdd(Pending("b")), Is.Null);
        table.RemoveActive(second);
        Assert.That(table.TryAdd(Pending("a")), Is.Null);
    }

    [Test]
    public async Task TryAdd_SixtyFourAtOnce_ExactlyThirtyTwoFit()
    {
        var table = Table();
        using var start = new SemaphoreSlim(0);
        var adding = Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            await start.WaitAsync();
            return table.TryAdd(Pending("a"));
        })).ToArray();
        start.Release(64);

        var results = await Eventually.EndsAsync(Task.WhenAll(adding), "the opens");

        Assert.That((results.Count(r => r is null), table.PendingCount), Is.EqualTo((32, 32)));
        foreach (var refused in results.OfType<Failure>())
        {
            AssertExhausted(refused, "per-sandbox relay limit reached (32 in flight for a; --max-pending-relays-per-sandbox)");
        }
    }

    [Test]
    public void Claim_Pending_BecomesActiveOnce()
    {
        var table = Table();
        var pending = Add(table, "a");

        var claim = table.Claim(pending.ChannelId, "a");

        Assert.That((claim.Outcome, claim.Pending, claim.Active!.ChannelId), Is.EqualTo((ClaimOutcome.Claimed, pending, pending.ChannelId)));
        Assert.That((table.PendingCount, table.ActiveCount), Is.EqualTo((0, 1)));
        Assert.That(table.Claim(pending.ChannelId, "a").Outcome, Is.EqualTo(ClaimOutcome.Unknown));
        Assert.That(table.FindActive(pending.ChannelId, "a"), Is.SameAs(claim.Active));
        Assert.That(table.FindActive(pending.ChannelId, "b"), Is.Null);
        Assert.That(table.ActiveCount, Is.EqualTo(1));
    }

    [Test]
    public void Claim_UnknownChannel_IsUnknown() =>
        Assert.That(Table().Claim("nothing", "a"), Is.EqualTo(new ClaimResult(ClaimOutcome.Unknown, null, null)));

    [Test]
    public void Claim_ByAnotherSandbox_DoesNotConsumeIt()
    {
        var table = Table();
        var pending = Add(table, "a");

        Assert.That(table.Claim(pending.ChannelId, "b"), Is.EqualTo(new ClaimResult(ClaimOutcome.WrongSandbox, null, null)));
        Assert.That(table.Claim(pending.ChannelId, "a").Outcome, Is.EqualTo(ClaimOutcome.Claimed));
    }

    [Test]
    public void Claim_AtTheDeadline_Succeeds()
    {
        var table = Table();
        var pending = Add(table, "a");
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That(table.Claim(pending.ChannelId, "a").Outcome, Is.EqualTo(ClaimOutcome.Claimed));
    }

    [Test]
    public void Claim_AfterTheDeadline_IsUsedUp()
    {
        var table = Table();
        var pending = Add(table, "a");
        _time.Advance(TimeSpan.FromSeconds(10) + TimeSpan.FromTicks(1));

        Assert.That(table.Claim(pending.ChannelId, "a"), Is.EqualTo(new ClaimResult(ClaimOutcome.Expired, pending, null)));
        Assert.That((table.PendingCount, table.ActiveCount), Is.EqualTo((0, 0)));
        Assert.That(table.Claim(pending.ChannelId, "a").Outcome, Is.EqualTo(ClaimOutcome.Unknown));
    }

    [Test]
    public void Claim_ActiveLimitReachedMeanwhile_IsUsedUp()
    {
        var table = Table(new RelayOptions { MaxActivePerSandbox = 1 });
        var (first, second) = (Add(table, "a"), Add(table, "a"));
        table.Claim(first.ChannelId, "a");

        Assert.That(table.Claim(second.ChannelId, "a"), Is.EqualTo(new ClaimResult(ClaimOutcome.LimitReached, second, null)));
        Assert.That((table.PendingCount, table.ActiveCount), Is.EqualTo((0, 1)));
    }

    [Test]
    public void RemovePending_Twice_CountsOnce()
    {
        var table = Table(new RelayOptions { MaxPendingPerSandbox = 1 });
        var pending = Add(table, "a");

        Assert.That(table.RemovePending(pending), Is.True);
        Assert.That(table.RemovePending(pending), Is.False);
        Add(table, "a");
        Assert.That(table.TryAdd(Pending("a")), Is.Not.Null);
    }

    [Test]
    public void RemovePending_Claimed_IsFalseAndLeavesTheActiveOne()
    {
        var table = Table();
        var pending = Add(table, "a");
        table.Claim(pending.ChannelId, "a");

        Assert.That(table.RemovePending(pending), Is.False);
        Assert.That(table.ActiveCount, Is.EqualTo(1));
    }

    [Test]
    public void RemoveActive_Twice_CountsOnce()
    {
        var table = Table(new RelayOptions { MaxActivePerSandbox = 1 });
        var active = Activate(table, "a");

        table.RemoveActive(active);
        table.RemoveActive(active);

        Activate(table, "a");
        Assert.That(table.TryAdd(Pending("a")), Is.Not.Null);
    }

    [Test]
    public async Task Claim_AgainstRemovePending_ExactlyOneWins()
    {
        var table = Table();
        for (var round = 0; round < 500; round++)
        {
            var pending = Add(table, "a");
            using var start = new Barrier(2);
            var claiming = Task.Run(() =>
            {
                start.SignalAndWait();
                return table.Claim(pending.ChannelId, "a").Active;
            });
            var removing = Task.Run(() =>
            {
                start.SignalAndWait();
                return table.RemovePending(pending);
            });

            var active = await Eventually.EndsAsync(claiming, "the claim");
            Assert.That(await Eventually.EndsAsync(removing, "the removal"), Is.EqualTo(active is null));
            if (active is not null)
            {
                table.RemoveActive(active);
            }
        }

        Assert.That((table.PendingCount, table.ActiveCount), Is.EqualTo((0, 0)));
    }

    [Test]
    public void List_BySandbox_GivesItsOwn()
    {
        var table = Table();
        var (a, b) = (Add(table, "a"), Add(table, "b"));
        var active = Activate(table, "a");

        Assert.That(table.ListPending("a"), Is.EqualTo(new[] { a }));
        Assert.That(table.ListPending(null), Is.EquivalentTo(new[] { a, b }));
        Assert.That(table.ListActive("a"), Is.EqualTo(new[] { active }));
        Assert.That(table.ListActive("b"), Is.Empty);
        Assert.That(table.FindPending(a.ChannelId, "a"), Is.SameAs(a));
        Assert.That(table.FindPending(a.ChannelId, "b"), Is.Null);
    }

    [Test]
    public void End_Twice_KeepsTheFirstReason()
    {
        using var active = Activate(Table(), "a");

        active.End("the sandbox was stopped");
        active.End("again");

        Assert.That((active.EndReason, active.Ended.IsCancellationRequested), Is.EqualTo(("the sandbox was stopped", true)));
    }

    private static void AssertExhausted(Failure? failure, string message) =>
        Assert.That(failure, Is.EqualTo(new Failure(FailureKind.ResourceExhausted, message)));

    private RelayTable Table(RelayOptions? options = null) => new(options ?? new RelayOptions(), _time);

    private PendingRelay Pending(string sandboxId) =>
        new(sandboxId, new ExecTarget(), "exec", _time.GetTimestamp());

    private PendingRelay Add(RelayTable table, string sandboxId)
    {
        var pending = Pending(sandboxId);
        Assert.That(table.TryAdd(pending), Is.Null);
        return pending;
    }

    private ActiveRelay Activate(RelayTable table, string sandboxId) =>
        table.Claim(Add(table, sandboxId).ChannelId, sandboxId).Active!;
}
