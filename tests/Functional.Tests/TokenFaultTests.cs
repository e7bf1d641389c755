using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Tokens that end sooner than sessions.</summary>
public sealed class TokenFaultTests : FaultTest
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(3);

    protected override string[] GatewayArguments =>
        ["--heartbeat-interval", "1", "--sandbox-token-ttl", $"{(int)Lifetime.TotalSeconds}"];

    [Test]
    public async Task Token_LifeIsOverManyTimes_SessionStaysAndRelaysWork()
    {
        var before = await DescriptorsAsync();
        for (var end = DateTime.UtcNow + (Lifetime * 3); DateTime.UtcNow < end;)
        {
            Assert.That((await Gateway.ExecAsync(Request("echo", "on"))).Text, Is.EqualTo("on\n"));
        }

        Assert.That(Gateway.Log.Split("connected, session").Length - 1, Is.EqualTo(1), "one session served it all");
        await ReturnsToAsync(before.Gateway, before.Supervisor);
    }

    [Test]
    public async Task Supervisor_CutOffForLongerThanItsTokenLives_ComesBack()
    {
        Machine.Signal("STOP");
        await BecomesAsync(SandboxPhase.Provisioning);
        await TokensEndAsync();

        Machine.Signal("CONT");

        await RecoversAsync();
    }

    [Test]
    public async Task Gateway_DownForLongerThanATokenLives_SupervisorComesBack()
    {
        await Gateway.KillAsync();
        await TokensEndAsync();

        await RestartGatewayAsync();

        await RecoversAsync();
    }

    private static Task TokensEndAsync()
    {
        var last = DateTime.UtcNow + Lifetime;
        return Eventually.BecomesTrueAsync(() => DateTime.UtcNow > last, "the life of every token that there is now is over");
    }
}
