using System.Net;
using System.Net.Sockets;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>More connections without a token than the gateway has descriptors.</summary>
public sealed class FewDescriptorsTests : FaultTest
{
    protected override Task<GatewayProcess> StartGatewayAsync() =>
        GatewayProcess.StartAsync(Directory, 400, "--compute-driver-socket", Driver.Socket, "--log-level", "debug", "--heartbeat-interval", "1");

    [Test]
    public async Task SixHundredIdleConnections_OthersComeInAndCommandsRun()
    {
        using var command = Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo started; exec sleep 1000"));
        Assert.That(await ExecOutcome.FirstOutputAsync(command.ResponseStream), Is.EqualTo("started\n"));
        var idle = new List<Socket>();
        for (var i = 0; i < 600; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await Eventually.EndsAsync(socket.ConnectAsync(IPAddress.Loopback, Gateway.Endpoint.Port), "a connection is taken");
            idle.Add(socket);
        }

        for (var i = 0; i < 5; i++)
        {
            using var channel = Gateway.NewChannel(new SocketsHttpHandler());
            Assert.That((await Gateway.ClientOf(channel).GetGatewayInfoAsync(new())).GatewayVersion, Is.Not.Empty);
            Assert.That((await Gateway.ExecAsync(Request("echo", "in"))).Text, Is.EqualTo("in\n"));
        }

        Assert.That(OpenDescriptors.CountOf(Gateway.Pid), Is.LessThan(400 - 30), () => $"some stay for what else is opened; {OpenDescriptors.Of(Gateway.Pid)}");
        await RecoversAsync();
        idle.ForEach(s => s.Dispose());
    }
}
