using System.Net;
using System.Net.Sockets;
using System.Text;
using OpenShell.Linux.Descriptors;
using OpenShell.Supervisor.Helper;
using OpenShell.Supervisor.Uplink;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests.Helper;

/// <summary>The carrying of connections, without a namespace: guests are clients on the loopback.</summary>
public sealed class UplinkListenerTests
{
    private TestDirectory _directory = null!;
    private HelperLoop _loop = null!;
    private Thread _thread = null!;
    private FileDescriptor _stop = null!;
    private IPEndPoint _uplink = null!;
    private Socket _gateway = null!;

    [SetUp]
    public void Start()
    {
        _directory = new TestDirectory();
        _gateway = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _gateway.Bind(new UnixDomainSocketEndPoint(_directory.File("gateway")));
        _gateway.Listen(200);

        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(200);
        _uplink = (IPEndPoint)listener.LocalEndPoint!;
        var descriptor = new FileDescriptor((int)listener.Handle);
        DescriptorIo.SetNonBlocking(descriptor);
        listener.SafeHandle.SetHandleAsInvalid();

        _loop = new HelperLoop();
        _ = new UplinkListener(_loop, descriptor, UplinkAddress.TryParse("unix:" + _directory.File("gateway"))!);
        var (read, write) = DescriptorIo.CreatePipe(nonBlockingRead: true, nonBlockingWrite: false);
        _stop = write;
        _loop.Add(read, _ => _loop.Stop()).Watch(read: true, write: false);
        _thread = new Thread(_loop.Run);
        _thread.Start();
    }

    [TearDown]
    public void Stop()
    {
        _stop.Dispose();
        _thread.Join();
        _loop.Dispose();
        _gateway.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task Connection_GuestEnds_GatewaySeesTheEndAndCanStillAnswer()
    {
        using var guest = await ConnectAsync();
        using var gateway = await _gateway.AcceptAsync();
        await guest.SendAsync("question"u8.ToArray());
        guest.Shutdown(SocketShutdown.Send);
        var question = await ReadAllAsync(gateway);
        await gateway.SendAsync("answer"u8.ToArray());
        gateway.Shutdown(SocketShutdown.Send);

        Assert.That((Encoding.ASCII.GetString(question), Encoding.ASCII.GetString(await ReadAllAsync(guest))), Is.EqualTo(("question", "answer")));
    }

    [Test]
    public async Task Connection_MoreThanEveryBufferHoldsAndNobodyReadsAtFirst_ArrivesWhole()
    {
        using var guest = await ConnectAsync();
        using var gateway = await _gateway.AcceptAsync();
        var bytes = new byte[24 << 20];
        new Random(1).NextBytes(bytes);

        // Both directions at once, each stuck until its reader begins.
        var fromGuest = SendAllAsync(guest, bytes);
        var fromGateway = SendAllAsync(gateway, bytes);
        Assert.That(await Task.WhenAny(fromGuest, fromGateway, Task.Delay(200)), Is.Not.EqualTo(fromGuest).And.Not.EqualTo(fromGateway), "nothing holds that much");
        var received = await Task.WhenAll(ReadAllAsync(gateway), ReadAllAsync(guest));
        await fromGuest;
        await fromGateway;

        Assert.That(received[0].AsSpan().SequenceEqual(bytes), Is.True);
        Assert.That(received[1].AsSpan().SequenceEqual(bytes), Is.True);
    }

    [Test]
    public async Task Connection_GatewayCloses_GuestIsNotHeld()
    {
        using var guest = await ConnectAsync();
        using (await _gateway.AcceptAsync())
        {
        }

        // The guest says nothing and does not end: its connection ends all the same, so its place is free.
        Assert.That(await ReadAllAsync(guest), Is.Empty);
        await Eventually.BecomesTrueAsync(() => FailsToSend(guest), "the guest's connection is closed");
    }

    [Test]
    public async Task Connection_NobodyServes_IsResetAtOnce()
    {
        _gateway.Dispose();
        using var guest = await TryConnectAsync();

        Assert.That(await IsResetAsync(guest), Is.True);
    }

    [Test]
    public async Task Connections_MoreThanTheLimit_TheRestIsResetAndPlacesBecomeFree()
    {
        List<Socket?> guests = [];
        for (var i = 0; i < UplinkListener.MaxConnections + 40; i++)
        {
            guests.Add(await TryConnectAsync());
        }

        // Those that came first have the places.
        foreach (var refused in guests[UplinkListener.MaxConnections..])
        {
            Assert.That(await IsResetAsync(refused), Is.True);
        }

        var gateways = new List<Socket>();
        for (var i = 0; i < UplinkListener.MaxConnections; i++)
        {
            gateways.Add(await _gateway.AcceptAsync());
        }

        Assert.That(_gateway.Poll(0, SelectMode.SelectRead), Is.False, "the gateway saw no more than that");
        guests.ForEach(guest => guest?.Dispose());
        foreach (var gateway in gateways)
        {
            Assert.That(await ReadAllAsync(gateway), Is.Empty);
            gateway.Dispose();
        }

        using var next = await ConnectAsync();
        using var served = await _gateway.AcceptAsync();
        await served.SendAsync("served"u8.ToArray());
        served.Shutdown(SocketShutdown.Send);
        Assert.That(await ReadAllAsync(next), Is.EqualTo("served"u8.ToArray()));
    }

    private async Task<Socket> ConnectAsync() =>
        await TryConnectAsync() ?? throw new AssertionException("the uplink refuses the connection");

    /// <summary>Null: it was reset before we saw that it was made.</summary>
    private async Task<Socket?> TryConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(_uplink);
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            socket.Dispose();
            return null;
        }
    }

    private static async Task SendAllAsync(Socket socket, byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent));
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> ReadAllAsync(Socket socket)
    {
        using var received = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await Eventually.EndsAsync(socket.ReceiveAsync(buffer), "the other side sends or ends", TimeSpan.FromMinutes(1)) is > 0 and var count)
        {
            received.Write(buffer.AsSpan(0, count));
        }

        return received.ToArray();
    }

    private static async Task<bool> IsResetAsync(Socket? socket)
    {
        try
        {
            if (socket is not null)
            {
                await Eventually.EndsAsync(socket.ReceiveAsync(new byte[1]), "it is reset");
            }

            return socket is null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    private static bool FailsToSend(Socket socket)
    {
        try
        {
            socket.Send("x"u8);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
