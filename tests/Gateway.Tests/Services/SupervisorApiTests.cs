using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Races;
using OpenShell.Protocol.V1;
using SandboxPhase = OpenShell.Gateway.Sandboxes.SandboxPhase;

namespace OpenShell.Gateway.Services;

/// <summary>Tokens for supervisors, and supervisors that say that they are another one's.</summary>
internal sealed class SupervisorApiTests : RaceTest
{
    [Test]
    public async Task RefreshToken_SandboxRuns_GivesAGoodOneForTheSameBoot()
    {
        await Gateway.AddSandboxAsync();
        Gateway.Time.Advance(TimeSpan.FromHours(1));

        var answer = await Gateway.Supervisors.RefreshTokenAsync(new RefreshSandboxTokenRequest(), CallOf("a"));

        var principal = await Gateway.Tokens.ValidateAsync(answer.Token, expiredIsFine: false);
        Assert.That((principal!.SandboxId, principal.BootEpoch), Is.EqualTo(("a", 1)));
        Assert.That(
            answer.ExpirationTime.ToDateTimeOffset(), Is.EqualTo(Gateway.Time.GetUtcNow() + GatewayOptions.DefaultSandboxTokenLifetime));
    }

    [Test]
    public async Task RefreshToken_OlderToken_StaysGoodToItsOwnEnd()
    {
        await Gateway.AddSandboxAsync();
        var older = Gateway.Tokens.Issue("a", 1);
        Gateway.Time.Advance(Gateway.Tokens.Lifetime * 0.8);
        await Gateway.Supervisors.RefreshTokenAsync(new RefreshSandboxTokenRequest(), CallOf("a"));

        Assert.That(await Gateway.Tokens.ValidateAsync(older.Value, expiredIsFine: false), Is.Not.Null);
        Gateway.Time.Advance(Gateway.Tokens.Lifetime * 0.2);
        Assert.That(await Gateway.Tokens.ValidateAsync(older.Value, expiredIsFine: false), Is.Null);
    }

    [Test]
    public async Task RefreshToken_ExtensionServices_AreRefusedByTheField()
    {
        await Gateway.AddSandboxAsync();

        await Assert.ThatAsync(
            () => Gateway.Supervisors.RefreshTokenAsync(new RefreshSandboxTokenRequest { ExtensionServiceNames = { "audit" } }, CallOf("a")),
            Throws.InstanceOf<RpcException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(StatusCode.InvalidArgument)
                .And.Message.Contains("extension_service_names: this gateway has no service 'audit'"));
    }

    [Test]
    public async Task RefreshToken_OlderBoot_IsRefused()
    {
        await Gateway.AddSandboxAsync();

        await AssertRefusedAsync(0, StatusCode.FailedPrecondition, "boot epoch 0 is over");
    }

    [TestCase(SandboxPhase.Stopping)]
    [TestCase(SandboxPhase.Stopped)]
    [TestCase(SandboxPhase.Deleting)]
    public async Task RefreshToken_SandboxIsNotToRun_IsRefused(SandboxPhase phase)
    {
        await Gateway.AddSandboxAsync(phase: phase);

        await AssertRefusedAsync(1, StatusCode.FailedPrecondition, $"the sandbox is not to run (phase {phase})");
    }

    [Test]
    public Task RefreshToken_SandboxIsGone_IsRefused() => AssertRefusedAsync(1, StatusCode.NotFound, "sandbox not found");

    [Test]
    public void IssueToken_Always_IsRefusedWithTheReason()
    {
        var status = SupervisorApi.IssueToken().Status;

        Assert.That(status.StatusCode, Is.EqualTo(StatusCode.FailedPrecondition));
        Assert.That(status.Detail, Does.Contain("at create only"));
    }

    [Test]
    public async Task Hello_OfAnotherSandbox_IsRefusedAndAnEventOfItsOwnKindInTheLogOfTheOneThatAsked()
    {
        await Gateway.AddSandboxAsync();
        await Gateway.AddSandboxAsync("b");
        var supervisor = FakeSupervisor.Dial(Gateway.Supervisors, "b", tokenOf: "a");

        Assert.That(await supervisor.RejectedAsync(), Does.StartWith("cross-sandbox access denied"));

        Assert.That((await supervisor.EndsAsync())?.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
        Assert.That(Gateway.Sessions.Count, Is.Zero);
        var activity = Lines("a").Single(l => l.Level == "OCSF");
        var fields = activity.Fields.ToDictionary();
        Assert.That(
            (fields["class_uid"], fields["activity_id"], fields["activity"], fields["severity"]), Is.EqualTo(("4001", "5", "Refuse", "Medium")));
        Assert.That(fields["reason"], Does.StartWith("cross-sandbox access denied"));
        Assert.That(Lines("b"), Is.Empty, "what another one's supervisor does is not in its log");
    }

    // Any other refusal is a failure, not an attempt on somebody else's sandbox.
    [Test]
    public async Task Hello_OfAnOlderBoot_IsAnEventOfFailure()
    {
        await Gateway.AddSandboxAsync();
        var supervisor = Gateway.Dial(epoch: 0);

        Assert.That(await supervisor.RejectedAsync(), Does.StartWith("boot epoch 0 is over"));

        Assert.That(Lines("a").Single(l => l.Level == "OCSF").Fields.ToDictionary()["activity"], Is.EqualTo("Fail"));
    }

    private IReadOnlyList<Logs.SandboxLogLine> Lines(string sandboxId) =>
        Gateway.Events.Tail(sandboxId, LogFilter.All, 100).Lines;

    private Task AssertRefusedAsync(int epoch, StatusCode code, string reason) => Assert.ThatAsync(
        () => Gateway.Supervisors.RefreshTokenAsync(new RefreshSandboxTokenRequest(), CallOf("a", epoch)),
        Throws.InstanceOf<RpcException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(code).And.Message.Contains(reason));

    private FakeServerCall CallOf(string sandboxId, int epoch = 1) =>
        new(new SandboxPrincipal(sandboxId, epoch, Gateway.Time.GetUtcNow() + TimeSpan.FromMinutes(1)));
}
