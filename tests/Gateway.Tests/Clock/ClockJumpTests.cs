using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Races;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Supervisors;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using SandboxPhase = OpenShell.Gateway.Sandboxes.SandboxPhase;

namespace OpenShell.Gateway.Clock;

/// <summary>
/// The wall clock jumps by an hour while time goes on. What is a duration (deadlines, heartbeats, reaping) does not
/// notice; what is a date (ends of tokens) follows the clock. Unit tests only: no namespace gives a process a wall clock
/// of its own.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ClockJumpTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private RaceGateway _gateway = null!;

    [SetUp]
    public async Task StartGatewayAsync() => _gateway = await RaceGateway.StartAsync();

    [TearDown]
    public async Task StopGatewayAsync() => await _gateway.DisposeAsync();

    [TestCase(1)]
    [TestCase(-1)]
    public async Task Session_ClockJumps_LivesOnAndEndsAfterTheSameSilence(int hours)
    {
        await _gateway.AddSandboxAsync();
        var supervisor = await _gateway.ConnectAsync();
        // Ready comes before the loop: time that passes in between is none of the session's silence.
        await Eventually.BecomesTrueAsync(() => _gateway.Clock.Count == 1, "the session's loop runs");

        Jump(hours);
        for (var i = 0; i < 3; i++)
        {
            _gateway.Time.Advance(Heartbeat);
            var message = await supervisor.Streams.NextAsync("a heartbeat");
            Assert.That(message.PayloadCase, Is.EqualTo(GatewayMessage.PayloadOneofCase.Heartbeat));
        }

        Assert.That((await _gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Ready));
        _gateway.Time.Advance(Heartbeat);
        await supervisor.EndsAsync();
        Assert.That((await _gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Provisioning), "the fourth silent interval ends it");
    }

    [TestCase(1)]
    [TestCase(-1)]
    public async Task Open_ClockJumpsWhileItWaits_TimesOutWhenItsTimeIsOver(int hours)
    {
        var waiting = _gateway.OpenAsync();
        Jump(hours);
        _gateway.Time.Advance(RaceGateway.SessionWait - TimeSpan.FromTicks(1));
        Assert.That(waiting.IsCompleted, Is.False);
        _gateway.Time.Advance(TimeSpan.FromTicks(1));
        Assert.That((await EndsAsync(waiting))!.Kind, Is.EqualTo(FailureKind.Unavailable));
    }

    [TestCase(1)]
    [TestCase(-1)]
    public async Task Relay_ClockJumpsBeforeTheClaim_IsClaimableAndReapedAsEver(int hours)
    {
        using var session = new SupervisorSession("a", "boot-1", 1, "1", []);
        _gateway.Sessions.Register(session);
        var (claimed, reaped) = (_gateway.OpenAsync(), _gateway.OpenAsync());
        Assert.That(session.Commands.TryRead(out var command), Is.True);

        Jump(hours);
        _gateway.Time.Advance(_gateway.Options.ClaimTimeout - TimeSpan.FromTicks(1));
        var claim = _gateway.Relays.Claim(((OpenRelayCommand)command!).ChannelId, "a");
        Assert.That(claim.Outcome, Is.EqualTo(ClaimOutcome.Claimed));
        claim.Pending!.TrySucceed(RecordingTransport.Connect(out _));
        Assert.That(await EndsAsync(claimed), Is.Null);
        Assert.That(reaped.IsCompleted, Is.False);

        _gateway.Time.Advance(TimeSpan.FromTicks(1));
        Assert.That((await EndsAsync(reaped))!.Kind, Is.EqualTo(FailureKind.DeadlineExceeded));
    }

    [Test]
    public async Task SandboxToken_ClockJumpsPastItsEnd_IsRenewedWithTheNextHeartbeat()
    {
        using var directory = new TestDirectory();
        using var tokens = new SandboxTokens(directory.Path, _gateway.Time, Hour);
        using var session = new SupervisorSession("a", "boot-1", 1, "1", [RelayFeatures.TokenRenewal]);
        var old = tokens.Issue("a", 1);
        var renewer = new TokenRenewer(session, tokens, old.Expires, Heartbeat, _gateway.Time);

        Jump(1);
        Assert.That(await tokens.ValidateAsync(old.Value, expiredIsFine: false), Is.Null, "a claim with it is refused until then");
        Assert.That(await tokens.ValidateAsync(old.Value, expiredIsFine: true), Is.Not.Null, "a hello with it is not");
        renewer.SendIfDue();

        Assert.That(session.Commands.TryRead(out var command), Is.True);
        Assert.That(await tokens.ValidateAsync(((RenewTokenCommand)command!).Token, expiredIsFine: false), Is.Not.Null);
    }

    [Test]
    public async Task SandboxToken_ClockJumpsBack_StaysGoodAndIsRenewedBeforeItEnds()
    {
        using var directory = new TestDirectory();
        using var tokens = new SandboxTokens(directory.Path, _gateway.Time, Hour);
        using var session = new SupervisorSession("a", "boot-1", 1, "1", [RelayFeatures.TokenRenewal]);
        var old = tokens.Issue("a", 1);
        var renewer = new TokenRenewer(session, tokens, old.Expires, Heartbeat, _gateway.Time);

        Jump(-1);
        while (session.Commands.Count == 0)
        {
            Assert.That(await tokens.ValidateAsync(old.Value, expiredIsFine: false), Is.Not.Null, "good until it is renewed");
            _gateway.Time.Advance(Hour / 40);
            renewer.SendIfDue();
        }

        Assert.That(_gateway.Time.GetUtcNow(), Is.LessThan(old.Expires));
    }

    [TestCase(1, "SSH session token expired")]
    [TestCase(-1, null)]
    public async Task SshSession_ClockJumps_EndsByTheClock(int hours, string? refusal)
    {
        await _gateway.AddSandboxAsync();
        await _gateway.ConnectAsync();
        var sandbox = await _gateway.GetAsync();
        var options = new SshAccessOptions { TokenLife = Hour };
        var sessions = new SshAccessTokens(
            new SshAccessStore(_gateway.Store, _gateway.Time), _gateway.Directory, _gateway.Sessions, new AccessLeases(options), options, _gateway.Time);
        Assert.That((await sessions.CreateAsync(sandbox, CancellationToken.None)).Succeeded(out var grant, out _), Is.True);

        Jump(hours);

        Assert.That((await sessions.CheckAsync(grant!.Token, sandbox, CancellationToken.None))?.Message, Is.EqualTo(refusal));
        _gateway.Time.Advance(Hour * 2);
        Assert.That(await sessions.CheckAsync(grant.Token, sandbox, CancellationToken.None), Is.Not.Null, "in the end it expires");
    }

    [TestCase(1)]
    [TestCase(-1)]
    public async Task Store_ClockJumps_VersionsAndOrderStay(int hours)
    {
        var created = await _gateway.AddSandboxAsync();
        Jump(hours);

        var changed = await _gateway.Sandboxes.UpdateAsync(created with { ExitCode = 1 }, CancellationToken.None);
        var stale = await _gateway.Sandboxes.UpdateAsync(created with { ExitCode = 2 }, CancellationToken.None);

        Assert.That((changed.Outcome, stale.Outcome), Is.EqualTo((StoreOutcome.Done, StoreOutcome.Conflict)));
        var record = await _gateway.GetAsync();
        Assert.That((record.ExitCode, record.ResourceVersion, record.CreatedAt), Is.EqualTo(((int?)1, created.ResourceVersion + 1, created.CreatedAt)));
    }

    private void Jump(int hours) => _gateway.Time.JumpWallClock(TimeSpan.FromHours(hours));

    private static async Task<Failure?> EndsAsync(Task<Outcome<RelayConnection>> opening)
    {
        (await Eventually.EndsAsync(opening, "the open")).Succeeded(out _, out var failure);
        return failure;
    }
}
