using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>
/// Peers that send what no client has a reason to, at the public listener and at the supervisors', with and without a
/// token: they are told to calm down and cut off, and a command that runs meanwhile notices nothing.
/// </summary>
public sealed class FloodTests : FaultTest, IDisposable
{
    private const string HealthCheck = "/grpc.health.v1.Health/Check";
    private const string AnyCall = "/openshell.v1.OpenShell/GetSandbox";
    private const string Claim = "/openshell.v1.OpenShell/RelayStream";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new();
    private AsyncDuplexStreamingCall<ExecSandboxInput, ExecSandboxEvent> _live = null!;
    private int _metricsPort;

    protected override string[] GatewayArguments
    {
        get
        {
            _metricsPort = LoopbackPort.FindFree();
            return [.. base.GatewayArguments, "--metrics-port", _metricsPort.ToString(CultureInfo.InvariantCulture)];
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Where a flood comes in, and as whom.</summary>
    public enum Listener
    {
        /// <summary>The public listener.</summary>
        Public,

        /// <summary>The public listener, with the admin token.</summary>
        PublicWithToken,

        /// <summary>The supervisors' listener.</summary>
        Guest,

        /// <summary>The supervisors' listener, with the token of a sandbox.</summary>
        GuestWithToken,
    }

    [SetUp]
    public async Task StartCommandAsync()
    {
        _live = Gateway.Client.ExecSandboxInteractive();
        await _live.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("cat") });
        await EchoAsync();
    }

    [TearDown]
    public async Task EndCommandAsync()
    {
        await EchoAsync();
        _live.Dispose();
    }

    [TestCase(Listener.Public)]
    [TestCase(Listener.Guest)]
    public async Task SixHundredRequestsThatNeverEnd_MemoryStaysBounded(Listener listener)
    {
        await using var peer = await RawHttp2.ConnectAsync(At(listener));
        ProcessMemory.ResetPeak(Gateway.Pid);
        var before = ProcessMemory.Peak(Gateway.Pid);
        // A message of 3.9 MiB, of which the last byte never comes.
        var piece = new byte[16 * 1024];
        byte[] begin = [0, 0, 0x3e, 0x66, 0x66];

        var flood = peer.FloodAsync(i =>
        {
            var stream = ((i / 250) * 2) + 1;
            return (i % 250) switch
            {
                0 => [.. RawHttp2.EncodeCall(stream, HealthCheck), .. RawHttp2.Encode(RawFrame.Data, 0, stream, begin)],
                _ => RawHttp2.Encode(RawFrame.Data, 0, stream, piece),
            };
        }, 600 * 250);
        await EchoWhileAsync(flood);

        // It goes on with calls that were refused. The server ends that by itself when such a call is over for 5 s, which may
        // be while the connection is held back, or after its bytes are too many: it depends on how much was read at once.
        var code = await Eventually.EndsAsync(peer.Ended, "the connection is ended", Long);
        Assert.That(code, Is.EqualTo(RawHttp2.EnhanceYourCalm).Or.EqualTo(RawHttp2.StreamClosed));
        Assert.That((ProcessMemory.Peak(Gateway.Pid) - before) >> 20, Is.LessThan(64), "MiB that it took");
    }

    [Test]
    public async Task RequestWithoutATokenThatNeverEnds_IsEnded()
    {
        await using var peer = await RawHttp2.ConnectAsync(At(Listener.Public));
        await peer.CallAsync(1, HealthCheck);
        await peer.CallAsync(3, HealthCheck);
        await peer.DataAsync(3, new byte[2000]);

        await Eventually.BecomesTrueAsync(() => peer.HasEnded(3), "the call with a large request ends");
        await Eventually.BecomesTrueAsync(() => peer.HasEnded(1), "the call whose request does not come ends");
    }

    [Test]
    public async Task ThirtyThousandResets_ConnectionEnds([Values] Listener listener)
    {
        await using var peer = await RawHttp2.ConnectAsync(At(listener));
        var path = listener is Listener.Guest or Listener.GuestWithToken ? Claim : AnyCall;

        await EchoWhileAsync(peer.FloodAsync(i => RawHttp2.CalledAndReset((i * 2) + 1, path, TokenOf(listener)), 30_000));

        if (TokenOf(listener) is null)
        {
            // There is a limit of bytes that is reached sooner, or one of the server itself for calls that wait: it depends on
            // how much was read at once.
            Assert.That(await Eventually.EndsAsync(peer.Ended, "the connection is ended", Long), Is.EqualTo(RawHttp2.EnhanceYourCalm));
        }
        else
        {
            await AssertEndedAsync(peer, "resets");
        }
    }

    [TestCase(Listener.Public, RawFrame.Continuation)]
    [TestCase(Listener.GuestWithToken, RawFrame.Continuation)]
    [TestCase(Listener.PublicWithToken, RawFrame.Settings)]
    [TestCase(Listener.GuestWithToken, RawFrame.Ping)]
    [TestCase(Listener.PublicWithToken, RawFrame.Priority)]
    [TestCase(Listener.PublicWithToken, RawFrame.Data)]
    public async Task EndlessFramesThatSayNothing_ConnectionEnds(Listener listener, RawFrame type)
    {
        await using var peer = await RawHttp2.ConnectAsync(At(listener));
        if (TokenOf(listener) is { } token)
        {
            // Lets the connection out of what holds it back without one.
            await peer.CallAsync(1, listener is Listener.GuestWithToken ? Claim : AnyCall, token);
        }

        await peer.CallAsync(3, HealthCheck, isWhole: type != RawFrame.Continuation);
        var frame = type switch
        {
            RawFrame.Ping => RawHttp2.Encode(type, 0, 0, new byte[8]),
            RawFrame.Priority => RawHttp2.Encode(type, 0, 3, new byte[5]),
            RawFrame.Settings => RawHttp2.Encode(type, 0, 0, []),
            _ => RawHttp2.Encode(type, 0, 3, []),
        };
        var many = Enumerable.Repeat(frame, 100).SelectMany(f => f).ToArray();

        await EchoWhileAsync(peer.FloodAsync(_ => many));

        await AssertEndedAsync(peer, type == RawFrame.Ping ? "pings" : "needless_frames");
    }

    [Test]
    public async Task ConnectionWithoutATokenOrACall_IsEndedSoon([Values(Listener.Public, Listener.Guest)] Listener listener)
    {
        using var silent = new Socket(At(listener).AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await silent.ConnectAsync(At(listener));
        await using var greeted = await RawHttp2.ConnectAsync(At(listener));

        Assert.That(await Eventually.EndsAsync(silent.ReceiveAsync(new byte[100]), "the silent connection is ended"), Is.AnyOf(0, 17, 58));
        await Eventually.EndsAsync(greeted.Ended, "the connection without a call is ended");
    }

    [Test]
    public async Task GuestOpensManyConnections_ItsOldestAreEnded()
    {
        var peers = new List<RawHttp2>();
        for (var i = 0; i < 40; i++)
        {
            peers.Add(await RawHttp2.ConnectAsync(At(Listener.Guest)));
            await peers[i].CallAsync(1, Claim, TokenOf(Listener.GuestWithToken));
        }

        // The session was there before: it went first, and came back.
        await Eventually.BecomesTrueAsync(() => peers.Count(p => p.Ended.IsCompleted) >= 8, "what is beyond 32 is ended");
        foreach (var peer in peers)
        {
            await peer.DisposeAsync();
        }

        await RecoversAsync();
        await StartCommandAsync();
    }

    [Test]
    public async Task GuestOpensSessionsWithoutAHello_NinthIsRefusedAndAllEnd()
    {
        await using var peer = await RawHttp2.ConnectAsync(At(Listener.Guest));
        for (var i = 0; i < 20; i++)
        {
            await peer.CallAsync((i * 2) + 1, "/openshell.v1.OpenShell/ConnectSupervisor", TokenOf(Listener.GuestWithToken));
        }

        await Eventually.BecomesTrueAsync(() => Enumerable.Range(0, 20).All(i => peer.HasEnded((i * 2) + 1)), "all of them end");
    }

    private async Task AssertEndedAsync(RawHttp2 peer, string reason)
    {
        // Answers to pings fill the socket, which may then not take the farewell, too.
        uint?[] codes = reason == "pings" ? [RawHttp2.EnhanceYourCalm, null] : [RawHttp2.EnhanceYourCalm];
        Assert.That(codes, Does.Contain(await Eventually.EndsAsync(peer.Ended, "the connection is ended", Long)));
        var metrics = MetricsPage.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{_metricsPort}/metrics")));
        Assert.That(metrics.Samples.GetValueOrDefault($"openshell_connections_ended_total{{reason=\"{reason}\"}}"), Is.EqualTo(1));
    }

    private string? TokenOf(Listener listener) => listener switch
    {
        Listener.PublicWithToken => Gateway.AdminToken,
        Listener.GuestWithToken => Machine.Token,
        _ => null,
    };

    private EndPoint At(Listener listener) => listener is Listener.Public or Listener.PublicWithToken
        ? new IPEndPoint(IPAddress.Loopback, Gateway.Endpoint.Port)
        : new UnixDomainSocketEndPoint(Directory.File("gateway/run/supervisor.sock"));

    private async Task EchoWhileAsync(Task flood)
    {
        do
        {
            await EchoAsync();
        }
        while (!flood.IsCompleted);
        await flood;
    }

    private async Task EchoAsync()
    {
        await Eventually.EndsAsync(
            _live.RequestStream.WriteAsync(new ExecSandboxInput { Stdin = Google.Protobuf.ByteString.CopyFromUtf8("x") }), "the write of a byte");
        do
        {
            Assert.That(await Eventually.EndsAsync(_live.ResponseStream.MoveNext(CancellationToken.None), "the echo of a byte"), Is.True);
        }
        while (_live.ResponseStream.Current.PayloadCase != ExecSandboxEvent.PayloadOneofCase.Stdout);
    }
}
