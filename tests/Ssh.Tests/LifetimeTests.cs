using System.Diagnostics;
using System.Net.Sockets;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests;

/// <summary>Clients that go, at every stage, and what is left of them: nothing.</summary>
public sealed class LifetimeTests : SandboxTest
{
    private const int ConnectionsThatNeverFinish = 500;

    [Test]
    public async Task Client_KilledWhileCommandRuns_CommandIsEnded()
    {
        using var client = SshClient.Start("ssh", Server.Socket, SshClient.Host, "sleep 300 & sleep 300");
        await Eventually.BecomesTrueAsync(() => Server.ProcessCount > 0, "the command runs");

        client.Kill(entireProcessTree: true);

        await Server.BecomesIdleAsync();
    }

    // HUP and TERM do nothing to it: KILL has to come.
    [Test]
    public async Task Client_KilledWhileCommandIgnoresSignals_CommandIsKilled()
    {
        using var client = SshClient.Start("ssh", Server.Socket, SshClient.Host, "trap '' HUP TERM; echo ready; while :; do sleep 1; done");
        Assert.That(await Eventually.EndsAsync(client.StandardOutput.ReadLineAsync(), "the command runs"), Is.EqualTo("ready"));

        client.Kill(entireProcessTree: true);

        await Server.BecomesIdleAsync();
    }

    [Test]
    public async Task Client_KilledWhileMuchIsOnItsWay_CommandIsEnded()
    {
        using var client = SshClient.Start("ssh", Server.Socket, SshClient.Host, "cat /dev/zero");
        await Eventually.BecomesTrueAsync(() => Server.ProcessCount > 0, "the command runs");

        client.Kill(entireProcessTree: true);

        await Server.BecomesIdleAsync();
    }

    [Test]
    public async Task Client_Comes_AndGoes_LeavesNoDescriptors()
    {
        await RunAsync(SshClient.Host, "true");
        await Server.BecomesIdleAsync();
        var before = OpenDescriptors.Of(Server.Pid);

        for (var i = 0; i < 10; i++)
        {
            await RunAsync(SshClient.Host, "true");
            using var client = SshClient.Start("ssh", Server.Socket, SshClient.Host, "sleep 300");
            await Eventually.BecomesTrueAsync(() => Server.ProcessCount > 0, "the command runs");
            client.Kill(entireProcessTree: true);
            await Server.BecomesIdleAsync();
        }

        await Eventually.BecomesTrueAsync(() => before.Growth(0).Length == 0, "no descriptor is left");
    }

    [Test]
    public async Task Client_NeverReads_MemoryIsBounded()
    {
        await RunAsync(SshClient.Host, "true");
        var before = Server.AnonymousBytes;
        using var client = SshClient.Start("ssh", Server.Socket, SshClient.Host, $"head -c 64M /dev/zero; touch {Server.File("written")}");
        await Eventually.BecomesTrueAsync(() => Server.ProcessCount > 0, "the command runs");
        await StaysBelowAsync(before + (12 << 20));

        Assert.That(File.Exists(Server.File("written")), Is.False, "the command waits for its reader");
        client.Kill(entireProcessTree: true);
        await Server.BecomesIdleAsync();
    }

    [Test]
    public async Task Process_NeverReads_MemoryIsBounded()
    {
        await RunAsync(SshClient.Host, "true");
        var before = Server.AnonymousBytes;
        using var client = SshClient.Start("ssh", Server.Socket, SshClient.Host, "sleep 300");
        var writing = client.StandardInput.BaseStream.WriteAsync(new byte[64 << 20]).AsTask();
        await Eventually.BecomesTrueAsync(() => Server.ProcessCount > 0, "the command runs");
        await StaysBelowAsync(before + (12 << 20));

        Assert.That(writing.IsCompleted, Is.False, "the client waits for the command");
        client.Kill(entireProcessTree: true);
        await Server.BecomesIdleAsync();
        await Assert.ThatAsync(() => Eventually.EndsAsync(writing, "writing fails"), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task Process_ReadsSlowly_MemoryIsBounded()
    {
        await RunAsync(SshClient.Host, "true");
        var before = Server.AnonymousBytes;
        using var client = SshClient.Start("ssh", Server.Socket, SshClient.Host, "while head -c 65536 >/dev/null; do sleep 0.02; done");
        var writing = client.StandardInput.BaseStream.WriteAsync(new byte[64 << 20]).AsTask();
        await StaysBelowAsync(before + (12 << 20));

        client.Kill(entireProcessTree: true);
        await Server.BecomesIdleAsync();
        await Assert.ThatAsync(() => Eventually.EndsAsync(writing, "writing fails"), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task Connections_ThatNeverFinishTheHandshake_MakeRoomForOthers()
    {
        await RunAsync(SshClient.Host, "true");
        var before = OpenDescriptors.Of(Server.Pid);
        List<Socket> idle = [];
        for (var i = 0; i < ConnectionsThatNeverFinish; i++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Server.Socket));
            idle.Add(socket);
        }

        var outcome = await RunAsync(SshClient.Host, "echo served");

        Assert.That(outcome.Text, Is.EqualTo("served\n"), outcome.Error);
        await Eventually.BecomesTrueAsync(() => before.Growth(70).Length == 0, "most of them are closed, and nothing of the command is left");
        Assert.That(Server.AnonymousBytes, Is.LessThan(64 << 20));
        idle.ForEach(socket => socket.Dispose());
        await Eventually.BecomesTrueAsync(() => before.Growth(0).Length == 0, "nothing is left of them");
    }

    [Test]
    public async Task Master_TenChannels_AllEndWithTheirOwnCodes()
    {
        var control = Server.File("control");
        using var master = SshClient.Start("ssh", Server.Socket, "-M", "-N", "-S", control, SshClient.Host);
        await Eventually.BecomesTrueAsync(() => File.Exists(control), "the master connection is up");

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 10).Select(
            i => SshClient.RunProgramAsync("ssh", Server.Socket, [], "-S", control, SshClient.Host, $"sleep 0.2; echo {i}; exit {i}")));

        Assert.That(outcomes.Select(o => (o.ExitCode, o.Text)), Is.EqualTo(Enumerable.Range(1, 10).Select(i => (i, $"{i}\n"))));
        master.Kill();
    }

    [Test]
    public async Task Supervisor_Stops_SocketIsGoneAndCommandsAreEnded()
    {
        using var client = SshClient.Start("ssh", Server.Socket, SshClient.Host, "sleep 300");
        await Eventually.BecomesTrueAsync(() => Server.ProcessCount > 0, "the command runs");
        var socket = Server.Socket;

        await Server.StopAsync();

        Assert.That(File.Exists(socket), Is.False);
        await Eventually.EndsAsync(client.WaitForExitAsync(), "the client ends");
        Assert.That(client.ExitCode, Is.EqualTo(255));
    }

    // Long enough for all 64 MiB to have come if nothing held them back: they take a fraction of a second.
    private async Task StaysBelowAsync(long bytes)
    {
        var started = Stopwatch.GetTimestamp();
        await Eventually.BecomesTrueAsync(
            () =>
            {
                Assert.That(Server.AnonymousBytes, Is.LessThan(bytes));
                return Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(2);
            },
            "the time has passed");
    }
}
