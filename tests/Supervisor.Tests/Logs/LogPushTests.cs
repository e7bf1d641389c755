using Grpc.Core;
using OpenShell.Linux.Processes;

namespace OpenShell.Supervisor.Tests.Logs;

/// <summary>Lines of a real supervisor on their way to a gateway.</summary>
public sealed class LogPushTests
{
    [Test]
    public async Task Push_Lines_ComeWithIdentityInBatches()
    {
        await using var supervisor = await SupervisorProcess.StartWithSessionAsync();
        await UntilPushedAsync(supervisor, "session session accepted");
        var push = supervisor.Gateway.Pushes.First();
        Assert.Multiple(() =>
        {
            Assert.That(push.SandboxId, Is.EqualTo("sandbox-1"));
            Assert.That(push.Logs, Has.Count.InRange(1, 50));
            Assert.That(push.Logs, Has.All.Matches<OpenShell.Protocol.V1.SandboxLogLine>(l => l!.EventTime.Seconds > 0 && l.Source == "sandbox"));
        });
    }

    [Test]
    public async Task Push_LevelOfTheConfiguration_LeavesTheRestOut()
    {
        await using var supervisor = await SupervisorProcess.StartWithSessionAsync(config => config.LogLevel = "warn");
        await using var call = await supervisor.Gateway.ExecAsync("true");
        await call.ReadToExitAsync();
        supervisor.Gateway.Current!.End.TrySetResult();
        await UntilPushedAsync(supervisor, "session ended: ended by the gateway");
        Assert.That(Lines(supervisor).Select(l => l.Level), Has.All.AnyOf("WARN", "ERROR"));
    }

    [Test]
    public async Task Push_GatewayFailsForAWhile_LosesNothing()
    {
        await using var supervisor = await SupervisorProcess.StartAsync(prepare: gateway => gateway.PushFailure = StatusCode.Unavailable);
        var session = await supervisor.Gateway.WaitForSessionAsync();
        await TestEngine.UntilAsync(() => supervisor.Gateway.RefusedPushes >= 2, "The push was not tried again.");
        supervisor.Gateway.PushFailure = null;
        session.End.TrySetResult();
        await UntilPushedAsync(supervisor, "session ended: ended by the gateway");
        Assert.That(Lines(supervisor).Select(l => l.Message), Has.Some.Contains("session session accepted"));
    }

    [TestCase(StatusCode.Unauthenticated)]
    [TestCase(StatusCode.PermissionDenied)]
    public async Task Push_Refused_StopsUntilTheNextSession(StatusCode refusal)
    {
        await using var supervisor = await SupervisorProcess.StartAsync(prepare: gateway => gateway.PushFailure = refusal);
        var session = await supervisor.Gateway.WaitForSessionAsync();
        await TestEngine.UntilAsync(() => supervisor.Gateway.RefusedPushes == 1, "Nothing was pushed.");
        supervisor.Gateway.PushFailure = null;

        // Longer than a batch waits, and more than enough lines for another one.
        for (var i = 0; i < 30; i++)
        {
            await using var call = await supervisor.Gateway.ExecAsync("sleep", "0.03");
            await call.ReadToExitAsync();
        }

        Assert.That((supervisor.Gateway.Pushes.Count, supervisor.Gateway.RefusedPushes), Is.EqualTo((0, 1)));
        session.End.TrySetResult();
        await UntilPushedAsync(supervisor, "session ended: ended by the gateway");
        Assert.That(Lines(supervisor).Count(l => l.Message == "relay to exec opened"), Is.EqualTo(30));
    }

    // Half a second is what a batch usually waits for more lines: the end does not wait for it.
    [Test]
    public async Task Stop_LinesWait_ArePushedFirst()
    {
        await using var supervisor = await SupervisorProcess.StartWithSessionAsync();
        await UntilPushedAsync(supervisor, "session session accepted");
        await using var call = await supervisor.Gateway.ExecAsync("sleep", "1000");
        Assert.That((await call.Channel.ReadAsync(CancellationToken.None)).Type, Is.EqualTo(OpenShell.Protocol.Exec.ExecFrameType.Started));

        supervisor.Process.Signal(Signals.Terminate);
        await TestEngine.ExitOfAsync(supervisor.Process);

        Assert.That(
            Lines(supervisor).Select(l => l.Message), Has.Some.StartsWith("relay to exec closed"), "what happened at the end has come");
    }

    [Test]
    public async Task Stop_GatewayTakesNothing_EndsAllTheSame()
    {
        await using var supervisor = await SupervisorProcess.StartAsync(prepare: gateway => gateway.PushFailure = StatusCode.Unavailable);
        await supervisor.Gateway.WaitForSessionAsync();
        await TestEngine.UntilAsync(() => supervisor.Gateway.RefusedPushes > 0, "Nothing was pushed.");

        supervisor.Process.Signal(Signals.Terminate);

        await TestEngine.ExitOfAsync(supervisor.Process);
    }

    private static IEnumerable<OpenShell.Protocol.V1.SandboxLogLine> Lines(SupervisorProcess supervisor) =>
        supervisor.Gateway.Pushes.SelectMany(p => p.Logs);

    private static Task UntilPushedAsync(SupervisorProcess supervisor, string message) => TestEngine.UntilAsync(
        () => Lines(supervisor).Any(l => l.Message.EndsWith(message, StringComparison.Ordinal)),
        $"'{message}' was not pushed; there are: {string.Join('\n', Lines(supervisor).Select(l => l.Message))}");
}
