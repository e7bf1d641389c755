using System.Net;
using System.Net.Sockets;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Relays;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests.Relays;

/// <summary>Ports that a real supervisor listens on for the gateway.</summary>
public sealed class ListenRelayTests
{
    private SupervisorProcess _supervisor = null!;

    [OneTimeSetUp]
    public async Task Start() => _supervisor = await SupervisorProcess.StartWithSessionAsync();

    [OneTimeTearDown]
    public ValueTask Stop() => _supervisor.DisposeAsync();

    [Test]
    public async Task Listen_Connection_IsToldAndFetchedOnce()
    {
        await using var relay = await ListenAsync("one");
        var events = new ListenEvents(relay);
        using var client = await LoopbackPort.ConnectAsync(await ReadPortAsync(events));
        var accepted = (await NextAsync(events))!.Accepted;
        var local = (IPEndPoint)client.LocalEndPoint!;
        Assert.That((accepted.Address, accepted.Port), Is.EqualTo(("127.0.0.1", (uint)local.Port)));

        await client.SendAsync("hi"u8.ToArray());
        await using var fetched = await FetchAsync("one", accepted.ConnectionId);
        var read = await fetched.ReadAsync(CancellationToken.None);

        Assert.That(read.Data.FirstSpan.ToArray(), Is.EqualTo("hi"u8.ToArray()));
        await Assert.ThatAsync(
            () => FetchAsync("one", accepted.ConnectionId),
            Throws.InstanceOf<IOException>().With.Message.Contains($"accepted connection {accepted.ConnectionId} is not there any more"));
    }

    [Test]
    public async Task Listen_GatewayEndsIt_PortIsFreeBeforeTheAnswerAndWaitingOnesAreClosed()
    {
        await using var relay = await ListenAsync("two");
        var events = new ListenEvents(relay);
        var port = await ReadPortAsync(events);
        using var waiting = await LoopbackPort.ConnectAsync(port);
        await NextAsync(events);

        await relay.CompleteWritesAsync(CancellationToken.None);

        Assert.That(await NextAsync(events), Is.Null);
        Assert.That(LoopbackPort.IsListening(port), Is.False);
        Assert.That(await ReceiveAsync(waiting), Is.Zero);
    }

    [Test]
    public async Task Listen_MoreWaitThanMay_OldestIsClosed()
    {
        await using var relay = await ListenAsync("three");
        var events = new ListenEvents(relay);
        var port = await ReadPortAsync(events);
        List<Socket> clients = [];
        for (var i = 0; i <= AcceptedConnections.MostWaiting; i++)
        {
            clients.Add(await LoopbackPort.ConnectAsync(port));
            Assert.That((await NextAsync(events))?.Accepted, Is.Not.Null);
        }

        Assert.That(await ReceiveAsync(clients[0]), Is.Zero);
        Assert.That(clients[1].Poll(TimeSpan.Zero, SelectMode.SelectRead), Is.False, "the next one still waits");
        clients.ForEach(client => client.Dispose());
    }

    [Test]
    public async Task Listen_PortInUse_SaysSo()
    {
        using var taken = LoopbackPort.Listen();
        var port = (uint)((IPEndPoint)taken.LocalEndPoint!).Port;

        await Assert.ThatAsync(
            () => ListenAsync("four", port: port),
            Throws.InstanceOf<IOException>().With.Message.EqualTo($"127.0.0.1:{port}: Address already in use"));
        await using var relay = await ListenAsync("four");
        await ReadPortAsync(new ListenEvents(relay));
    }

    [Test]
    public async Task Listen_IdThatIsTaken_IsRefused()
    {
        await using var relay = await ListenAsync("five");

        await Assert.ThatAsync(
            () => ListenAsync("five"), Throws.InstanceOf<IOException>().With.Message.StartsWith("there is a listener 'five' already"));
    }

    private Task<RelayConnection> ListenAsync(string id, uint port = 0) => _supervisor.Gateway.OpenAsync(
        open => open.Listen = new TcpListenRelayTarget { Host = "localhost", Port = port, ListenerId = id });

    private Task<RelayConnection> FetchAsync(string id, ulong connection) => _supervisor.Gateway.OpenAsync(
        open => open.Accepted = new TcpAcceptedRelayTarget { ListenerId = id, ConnectionId = connection });

    private static async Task<int> ReadPortAsync(ListenEvents events) => (int)(await NextAsync(events))!.Listening.Port;

    private static Task<TcpListenEvent?> NextAsync(ListenEvents events) =>
        Eventually.EndsAsync(events.ReadAsync(CancellationToken.None).AsTask(), "an event or the end comes");

    private static Task<int> ReceiveAsync(Socket socket) => Eventually.EndsAsync(socket.ReceiveAsync(new byte[16]), "the connection ends");
}
