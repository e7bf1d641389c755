using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>ssh -R at the public SSH gateway. The sandbox shares the test's loopback interface.</summary>
public sealed class SshGatewayListenTests : SshGatewayTest
{
    [Test]
    public async Task AnyPort_IsToldAndSeveralConnectionsLeadToTheClient()
    {
        using var target = new LoopbackTarget();
        using var client = await ForwardAsync("-v", "-R", Forward(0, target));
        var port = await SshClient.ReadAllocatedPortAsync(client);
        List<(Socket Outer, Socket Inner)> pairs = [];

        for (var i = 0; i < 5; i++)
        {
            var inner = await LoopbackPort.ConnectAsync(port);
            pairs.Add((await target.AcceptAsync(), inner));
        }

        foreach (var (outer, inner) in pairs)
        {
            var question = Guid.NewGuid().ToByteArray();
            await inner.SendAsync(question);
            inner.Shutdown(SocketShutdown.Send);
            Assert.That(await LoopbackTarget.ReadAllAsync(outer), Is.EqualTo(question), "the end of one direction arrives");
            await outer.SendAsync("answer"u8.ToArray());
            outer.Shutdown(SocketShutdown.Send);
            Assert.That(await LoopbackTarget.ReadAllAsync(inner), Is.EqualTo("answer"u8.ToArray()), "the other one was still open");
            outer.Dispose();
            inner.Dispose();
        }

        client.Kill();
        await Eventually.BecomesTrueAsync(() => !LoopbackPort.IsListening(port), "the port is free after the client has gone");
    }

    [Test]
    public async Task MuchBothWays_ArrivesWhole()
    {
        using var target = new LoopbackTarget();
        using var client = await ForwardAsync("-v", "-R", Forward(0, target));
        using var inner = await LoopbackPort.ConnectAsync(await SshClient.ReadAllocatedPortAsync(client));
        using var outer = await target.AcceptAsync();
        var data = new byte[8 << 20];
        Random.Shared.NextBytes(data);

        var echo = LoopbackTarget.EchoAsync(outer);
        var received = LoopbackTarget.ReadAllAsync(inner);
        await using (var stream = new NetworkStream(inner))
        {
            await stream.WriteAsync(data);
        }

        inner.Shutdown(SocketShutdown.Send);

        Assert.That((await received).AsSpan().SequenceEqual(data), Is.True);
        await echo;
        client.Kill();
    }

    [Test]
    public async Task Cancel_FreesThePortAndItCanBeHadAgain()
    {
        using var target = new LoopbackTarget();
        var port = LoopbackPort.FindFree();
        var access = await GrantAsync();
        var control = Directory.File("c");
        using var client = Open(access, "-M", "-S", control, "-N", "-R", Forward(port, target));
        await Eventually.BecomesTrueAsync(() => LoopbackPort.IsListening(port) && File.Exists(control), "the port is listened on");

        await ControlAsync(access, control, "cancel", Forward(port, target));
        await Eventually.BecomesTrueAsync(() => !LoopbackPort.IsListening(port), "the port is free");
        await ControlAsync(access, control, "forward", Forward(port, target));

        using var inner = await LoopbackPort.ConnectAsync(port);
        using var outer = await target.AcceptAsync();
        client.Kill();
    }

    [Test]
    public async Task PortInUse_IsRefused()
    {
        using var target = new LoopbackTarget();
        using var taken = new LoopbackTarget();

        var outcome = await SshAsync(await GrantAsync(), [], "-o", "ExitOnForwardFailure=yes", "-R", Forward(taken.Port, target));

        Assert.That(outcome.ExitCode, Is.EqualTo(255));
        Assert.That(outcome.Error, Does.Contain($"remote port forwarding failed for listen port {taken.Port}"));
    }

    [Test]
    public async Task GatewayIsKilled_PortIsFreed()
    {
        using var target = new LoopbackTarget();
        using var client = await ForwardAsync("-v", "-R", Forward(0, target));
        var port = await SshClient.ReadAllocatedPortAsync(client);

        await RestartGatewayAsync();

        await Eventually.EndsAsync(client.WaitForExitAsync(), "the client ends");
        await Eventually.BecomesTrueAsync(() => !LoopbackPort.IsListening(port), "the port is free");
    }

    private static string Forward(int port, LoopbackTarget target) =>
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}:127.0.0.1:{target.Port}");

    private async Task<Process> ForwardAsync(params string[] options) => Open(await GrantAsync(), ["-N", .. options]);

    private static Process Open(CreateSshAccessResponse access, params string[] options) =>
        SshClient.Start("ssh", [.. To(access), "-o", "IdentityFile=none", .. options, access.Host]);

    private static async Task ControlAsync(CreateSshAccessResponse access, string control, string command, string forward)
    {
        var outcome = await SshClient.RunAsync("ssh", [], [.. To(access), "-S", control, "-O", command, "-R", forward, access.Host]);
        Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
    }
}
