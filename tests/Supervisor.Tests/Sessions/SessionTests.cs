using System.Diagnostics;
using System.Net.Sockets;
using OpenShell.Linux.Processes;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Tests.Fakes;

namespace OpenShell.Supervisor.Tests.Sessions;

public sealed class SessionTests
{
    [Test]
    public async Task Session_Hello_SaysWhoItIsWithItsToken()
    {
        await using var supervisor = await SupervisorProcess.StartAsync();
        var session = await supervisor.Gateway.WaitForSessionAsync();
        Assert.Multiple(() =>
        {
            Assert.That(session.Authorization, Is.EqualTo($"Bearer {FakeGateway.Token}"));
            Assert.That(session.Hello.SandboxId, Is.EqualTo("sandbox-1"));
            Assert.That(session.Hello.InstanceId, Is.EqualTo("boot-1"));
            Assert.That(session.Hello.Features, Does.Contain("relay-eos").And.Contain("exec"));
        });
    }

    [Test]
    public async Task Session_GatewayEndsIt_ComesBackWithTheRenewedToken()
    {
        await using var supervisor = await SupervisorProcess.StartAsync();
        var first = await supervisor.Gateway.WaitForSessionAsync();
        await first.SendAsync(new GatewayMessage { TokenRenewal = new TokenRenewal { Token = "renewed" } });
        first.End.TrySetResult();
        var second = await supervisor.Gateway.WaitForSessionAsync();
        Assert.That(second.Authorization, Is.EqualTo("Bearer renewed"));
    }

    [Test]
    public async Task Session_Heartbeats_AreSentAtTheGatewaysInterval()
    {
        await using var supervisor = await SupervisorProcess.StartAsync(prepare: gateway => gateway.HeartbeatSeconds = 1);
        var session = await supervisor.Gateway.WaitForSessionAsync();
        await session.Heartbeat.Task.WaitAsync(TestEngine.Timeout);
    }

    [Test]
    public async Task Session_GatewayFallsSilent_IsGivenUpAndMadeAnew()
    {
        await using var supervisor = await SupervisorProcess.StartAsync(prepare: gateway => gateway.HeartbeatSeconds = 1);
        var clock = Stopwatch.StartNew();
        var first = await supervisor.Gateway.WaitForSessionAsync();
        await supervisor.Gateway.WaitForSessionAsync();
        Assert.Multiple(() =>
        {
            Assert.That(clock.Elapsed, Is.GreaterThan(TimeSpan.FromSeconds(2.5)));
            Assert.That(first.Ended.Task.IsCompleted, Is.True);
        });
    }

    [Test]
    public async Task Session_PeerHangsUpAtEveryStage_IsTriedAgain()
    {
        // What a guest sees behind its uplink while the gateway is down: connections that are made and dropped.
        var path = "";
        var hangingUp = Task.CompletedTask;
        await using var supervisor = await SupervisorProcess.StartAsync(configure: config =>
        {
            path = config.Endpoint["unix:".Length..] + ".down";
            config.Endpoint = $"unix:{path}";
            hangingUp = HangUpAsync(path, connections: 6);
        });
        await hangingUp.WaitAsync(TestEngine.Timeout);
        File.CreateSymbolicLink(path, supervisor.SocketPath);
        await supervisor.Gateway.WaitForSessionAsync();
    }

    private static async Task HangUpAsync(string path, int connections)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        for (var i = 0; i < connections; i++)
        {
            using var connection = await listener.AcceptAsync();
            // An empty SETTINGS frame, so that the client goes on to its request.
            switch (i % 3)
            {
                case 1:
                    await connection.ReceiveAsync(new byte[64]);
                    break;
                case 2:
                    await connection.SendAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 });
                    await connection.ReceiveAsync(new byte[4096]);
                    await connection.ReceiveAsync(new byte[4096]);
                    break;
            }
        }

        File.Delete(path);
    }

    [Test]
    public async Task Session_Rejected_IsLoggedWithTheReasonAndTriedAgain()
    {
        await using var supervisor = await SupervisorProcess.StartAsync(prepare: gateway => gateway.Rejection = "older boot");
        await TestEngine.UntilAsync(() => supervisor.Console.Contains("rejected: older boot", StringComparison.Ordinal), "The reason was not logged.");
        supervisor.Gateway.Rejection = null;
        await supervisor.Gateway.WaitForSessionAsync();
        Assert.That(supervisor.Console, Does.Not.Contain(FakeGateway.Token));
    }

    [Test]
    public async Task Exec_SessionEnds_GoesOn()
    {
        await using var supervisor = await SupervisorProcess.StartWithSessionAsync();
        await using var call = await supervisor.Gateway.ExecAsync("cat");
        supervisor.Gateway.Current!.End.TrySetResult();
        await supervisor.Gateway.WaitForSessionAsync();
        await call.WriteAsync("still here");
        await call.EndInputAsync();
        Assert.That((await call.ReadToExitAsync()).Output, Is.EqualTo("still here"));
    }

    [Test]
    public async Task FirstProcess_SignalHandling_LeavesChildrenToTheReaper()
    {
        await using var supervisor = await SupervisorProcess.StartWithSessionAsync();
        await using var call = await supervisor.Gateway.ExecAsync("sh", "-c", "grep SigCgt /proc/1/status; readlink /proc/1/exe; cat /proc/1/cmdline");
        var outcome = await call.ReadToExitAsync();
        var caught = Convert.ToUInt64(outcome.Output.Split('\n')[0].Split('\t')[1], 16);
        // The runtime reaps children itself as soon as it has a handler for SIGCHLD (17).
        Assert.That(caught & (1UL << 16), Is.Zero, outcome.Output);
    }

    [Test]
    public async Task NotFirstProcess_Orphans_AreStillReaped()
    {
        await using var supervisor = await SupervisorProcess.StartAsync(asFirstProcess: false);
        await supervisor.Gateway.WaitForSessionAsync();
        await using var call = await supervisor.Gateway.ExecAsync("sh", "-c", "(sleep 0.1 >/dev/null 2>&1 & echo $!)");
        var orphan = (await call.ReadToExitAsync()).Output.Trim();
        await TestEngine.UntilAsync(() => !Directory.Exists($"/proc/{orphan}"), "The orphan was not reaped.");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Stop_Signal_EndsWhatRunsAndExits(bool asFirstProcess)
    {
        await using var supervisor = await SupervisorProcess.StartAsync(asFirstProcess: asFirstProcess);
        await supervisor.Gateway.WaitForSessionAsync();
        await using var call = await supervisor.Gateway.ExecAsync("sleep", "1000");
        Assert.That((await call.Channel.ReadAsync(CancellationToken.None)).Type, Is.EqualTo(OpenShell.Protocol.Exec.ExecFrameType.Started));
        supervisor.Process.Signal(Signals.Terminate);
        await TestEngine.ExitOfAsync(supervisor.Process);
    }

    [Test]
    public async Task Run_ConfigurationIsNone_FailsWithOneLine()
    {
        var program = TestEngine.Start([.. SupervisorProcess.Program, "run", "--config", "/no/such/file"]);
        var error = await TestEngine.ReadAllAsync(program.Error!);
        var status = await TestEngine.ExitOfAsync(program);
        Assert.Multiple(() =>
        {
            Assert.That(status.Code, Is.EqualTo(1));
            Assert.That(error.TrimEnd().Split('\n'), Has.Length.EqualTo(1));
            Assert.That(error, Does.Contain("/no/such/file"));
        });
    }

    [TestCase("run")]
    [TestCase("uplink")]
    [TestCase("no-such-command")]
    [TestCase("uplink", "nonsense")]
    public async Task Arguments_Wrong_ExitWithUsage(params string[] arguments)
    {
        using var program = TestEngine.Start([.. SupervisorProcess.Program, .. arguments]);
        Assert.That((await TestEngine.ExitOfAsync(program)).Code, Is.EqualTo(2));
    }
}
