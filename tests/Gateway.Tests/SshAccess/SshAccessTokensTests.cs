using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.SshAccess;

public sealed class SshAccessTokensTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly SshAccessOptions _options = new();
    private IAsyncDisposable _database = null!;
    private SandboxStore _sandboxes = null!;
    private SshAccessStore _store = null!;
    private AccessLeases _forwards = null!;
    private SessionRegistry _supervisors = null!;
    private SshAccessTokens _sessions = null!;
    private SandboxRecord _sandbox = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        var database = new SqliteStore(new DatabaseUrl((string?)null));
        _database = database;
        _sandboxes = new SandboxStore(database, _time);
        _store = new SshAccessStore(database, _time);
        _forwards = new AccessLeases(_options);
        _supervisors = new SessionRegistry(_time);
        _sessions = new SshAccessTokens(_store, SandboxRecords.Directory(database, _sandboxes), _supervisors, _forwards, _options, _time);
        await _sandboxes.CreateAsync(SandboxRecords.Create("a", SandboxPhase.Ready), CancellationToken.None);
        _sandbox = (await _sandboxes.GetAsync("a", CancellationToken.None))!;
    }

    [TearDown]
    public async Task CloseAsync() => await _database.DisposeAsync();

    [Test]
    public async Task Check_FreshToken_IsGood() => Assert.That(await CheckAsync(await CreateAsync()), Is.Null);

    // Reference 4.12: READY, or COMPLETED or ERROR with a live session.
    [TestCase(SandboxPhase.Ready, false, true)]
    [TestCase(SandboxPhase.Completed, true, true)]
    [TestCase(SandboxPhase.Completed, false, false)]
    [TestCase(SandboxPhase.Error, true, true)]
    [TestCase(SandboxPhase.Error, false, false)]
    [TestCase(SandboxPhase.Provisioning, true, false)]
    [TestCase(SandboxPhase.Starting, true, false)]
    [TestCase(SandboxPhase.Stopping, true, false)]
    [TestCase(SandboxPhase.Stopped, false, false)]
    public async Task Create_Phase_NeedsReadyOrALiveSession(object phase, bool isConnected, bool isGiven)
    {
        using var session = new SupervisorSession("a", "boot-1", 1, "1", []);
        if (isConnected)
        {
            _supervisors.Register(session);
        }

        var outcome = await _sessions.CreateAsync(_sandbox with { Phase = (SandboxPhase)phase }, CancellationToken.None);

        Assert.That(outcome.Succeeded(out _, out var failure), Is.EqualTo(isGiven), failure?.Message);
        Assert.That(failure?.Message, isGiven ? Is.Null : Does.StartWith("sandbox is not ready"));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("""{"SandboxId":"a","SecretHash":"no base64"}""")]
    public async Task Row_Damaged_OpensNothingAndIsReaped(string payload)
    {
        var token = await CreateAsync();
        var database = (IObjectStore)_database;
        var row = (await database.GetAsync("ssh_session", token.Id, CancellationToken.None))!;
        await database.UpdateAsync(row with { Payload = Encoding.UTF8.GetBytes(payload) }, row.ResourceVersion, CancellationToken.None);

        Assert.That(await CheckAsync(token), Is.Not.Null);
        await new SshAccessReaper(_store, _sandboxes, _options, _time, NullLogger<SshAccessReaper>.Instance).ReapAsync(CancellationToken.None);
        Assert.That(await _store.GetAsync(token.Id, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task Access_IsNoSessionAndSurvivesABoot()
    {
        Assert.That((await _sessions.CreateAccessAsync(_sandbox, TimeSpan.FromHours(1), CancellationToken.None)).Succeeded(out var grant, out _), Is.True);
        var token = grant!.Token;
        await _sandboxes.UpdateAsync(_sandbox with { Run = _sandbox.Run + 1, Phase = SandboxPhase.Stopped }, CancellationToken.None);

        Assert.That((await _sessions.FindAccessAsync(token, CancellationToken.None))?.SandboxId, Is.EqualTo("a"));
        Assert.That(await CheckAsync(token), Is.Not.Null, "ForwardTcp takes no access token");
        Assert.That(await _sessions.FindAccessAsync(token with { Secret = "other" }, CancellationToken.None), Is.Null);
        Assert.That((await _sessions.ListAccessAsync("a", CancellationToken.None)).Single().Id, Is.EqualTo(token.Id));
        Assert.That(await _sessions.ListAccessAsync("b", CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task Access_Expired_IsNotGood()
    {
        Assert.That((await _sessions.CreateAccessAsync(_sandbox, TimeSpan.FromHours(1), CancellationToken.None)).Succeeded(out var grant, out _), Is.True);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.That(await _sessions.FindAccessAsync(grant!.Token, CancellationToken.None), Is.Null);
        Assert.That(await _sessions.ListAccessAsync(null, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task Access_Revoked_EndsItsConnections()
    {
        Assert.That((await _sessions.CreateAccessAsync(_sandbox, TimeSpan.FromHours(1), CancellationToken.None)).Succeeded(out var grant, out _), Is.True);
        using var connection = _forwards.Enter(grant!.Token.Id, "a");

        Assert.That(await _sessions.RevokeAccessAsync(grant.Token.Id, CancellationToken.None), Is.True);

        Assert.That(connection.EndReason, Is.EqualTo("the SSH session was revoked"));
        Assert.That(await _sessions.FindAccessAsync(grant.Token, CancellationToken.None), Is.Null);
        Assert.That(await _sessions.RevokeAccessAsync("none", CancellationToken.None), Is.False);
        Assert.That(await _sessions.RevokeAccessAsync((await CreateAsync()).Id, CancellationToken.None), Is.False, "of a session");
    }

    [Test]
    public async Task Check_LifeIsOver_Expired()
    {
        var token = await CreateAsync();
        _time.Advance(_options.TokenLife - TimeSpan.FromSeconds(1));
        Assert.That(await CheckAsync(token), Is.Null);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await CheckAsync(token))?.Message, Is.EqualTo("SSH session token expired"));
    }

    [Test]
    public async Task Check_RightIdAndWrongSecret_NotFound()
    {
        var token = await CreateAsync();
        Assert.That((await CheckAsync(token with { Secret = SshAccessToken.Create().Secret }))?.Message, Is.EqualTo("SSH session token not found"));
    }

    [Test]
    public async Task Check_SandboxWasStartedAgain_NotValid()
    {
        var token = await CreateAsync();
        var failure = await _sessions.CheckAsync(token, _sandbox with { Run = _sandbox.Run + 1 }, CancellationToken.None);
        Assert.That(failure?.Message, Is.EqualTo("SSH session token is not valid"));
    }

    // As gateways stored it that counted boot epochs only.
    [Test]
    public async Task Check_RowWithABootEpoch_IsOfThatRun()
    {
        var token = await CreateAsync();
        var database = (IObjectStore)_database;
        var row = (await database.GetAsync("ssh_session", token.Id, CancellationToken.None))!;

        Assert.That(Encoding.UTF8.GetString(row.Payload.Span), Does.Contain("\"BootEpoch\":1"));
        Assert.That((await _store.GetAsync(token.Id, CancellationToken.None))!.Run, Is.EqualTo(1));
    }

    [Test]
    public async Task Revoke_Token_EndsItsStreamsAndIsRemembered()
    {
        var token = await CreateAsync();
        using var stream = _forwards.Enter(token.Id, "a");
        Assert.That(await _sessions.RevokeAsync(token, CancellationToken.None), Is.True);
        Assert.That(stream.EndReason, Is.EqualTo("the SSH session was revoked"));
        Assert.That((await CheckAsync(token))?.Message, Is.EqualTo("SSH session token is not valid"));
        Assert.That(await _sessions.RevokeAsync(token, CancellationToken.None), Is.True, "twice is fine");
    }

    [Test]
    public async Task Revoke_WrongSecret_ChangesNothing()
    {
        var token = await CreateAsync();
        Assert.That(await _sessions.RevokeAsync(token with { Secret = "x" }, CancellationToken.None), Is.False);
        Assert.That(await CheckAsync(token), Is.Null);
    }

    [Test]
    public async Task Create_SandboxIsNotReady_FailedPrecondition()
    {
        (await _sessions.CreateAsync(SandboxRecords.Create("b", SandboxPhase.Stopped), CancellationToken.None)).Succeeded(out _, out var failure);
        Assert.That(failure, Is.EqualTo(new Failure(FailureKind.FailedPrecondition, "sandbox is not ready (phase Stopped)")));
    }

    [Test]
    public async Task Reap_OldOnes_AreGoneAndGoodOnesStay()
    {
        var good = await CreateAsync();
        var revoked = await CreateAsync();
        await _sessions.RevokeAsync(revoked, CancellationToken.None);
        await _sandboxes.CreateAsync(SandboxRecords.Create("b", SandboxPhase.Ready), CancellationToken.None);
        var orphan = await CreateAsync("b");
        await _sandboxes.DeleteAsync("b", CancellationToken.None);

        using var reaper = new SshAccessReaper(_store, _sandboxes, _options, _time, NullLogger<SshAccessReaper>.Instance);
        await reaper.ReapAsync(CancellationToken.None);

        var left = (await _store.ListAllAsync(CancellationToken.None)).Select(r => r.Id);
        Assert.That(left, Is.EquivalentTo(new[] { good.Id }), $"without {revoked} and {orphan}");
    }

    [TestCase("")]
    [TestCase("ssh_")]
    [TestCase("ssh_id")]
    [TestCase("os_id.secret")]
    public void Parse_NoToken_IsNone(string text) => Assert.That(SshAccessToken.TryParse(text, out _), Is.False);

    [Test]
    public void ToString_Token_HidesTheSecret()
    {
        var token = SshAccessToken.Create();
        Assert.That($"{token}", Does.Not.Contain(token.Secret));
        Assert.That(SshAccessToken.TryParse(token.ToText(), out var parsed) && parsed == token, Is.True);
    }

    private async Task<SshAccessToken> CreateAsync(string sandboxId = "a") =>
        (await _sessions.CreateAsync((await _sandboxes.GetAsync(sandboxId, CancellationToken.None))!, CancellationToken.None)).Succeeded(out var grant, out var failure)
            ? grant.Token
            : throw new AssertionException(failure.Message);

    private Task<Failure?> CheckAsync(SshAccessToken token) => _sessions.CheckAsync(token, _sandbox, CancellationToken.None);
}
