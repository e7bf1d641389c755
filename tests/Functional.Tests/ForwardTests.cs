using System.Buffers;
using System.Net.Sockets;
using Grpc.Core;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>ForwardTcp and the tokens that open it, through a real gateway and a real supervisor to a loopback port.</summary>
public sealed class ForwardTests : FunctionalTest, IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());

    private Sandbox _sandbox = null!;

    protected override string[] GatewayArguments => ["--max-forwards-per-token", "3"];

    [SetUp]
    public async Task CreateAsync() => _sandbox = await Gateway.CreateReadyAsync();

    public void Dispose() => _http.Dispose();

    [Test]
    public async Task Forward_EchoTarget_BytesComeBack()
    {
        using var target = new LoopbackTarget();
        await using var stream = await OpenAsync(await TokenAsync(), target.Port);
        using var connection = await target.AcceptAsync();
        var sent = new byte[3_000_000];
        Random.Shared.NextBytes(sent);

        var echo = LoopbackTarget.EchoAsync(connection);
        var writing = WriteAsync(stream, sent);
        var received = await ReadAllAsync(stream);
        await writing;
        await Eventually.EndsAsync(echo, "the target sees the end of the input");

        Assert.That(received, Is.EqualTo(sent));
    }

    [Test]
    public async Task Forward_TargetEndsFirst_CallerStillSends()
    {
        using var target = new LoopbackTarget();
        await using var stream = await OpenAsync(await TokenAsync(), target.Port);
        using var connection = await target.AcceptAsync();

        await connection.SendAsync("bye"u8.ToArray());
        connection.Shutdown(SocketShutdown.Send);
        Assert.That(await ReadAllAsync(stream), Is.EqualTo("bye"u8.ToArray()), "the end of the target's output arrives");

        await WriteAsync(stream, "after"u8.ToArray());
        Assert.That(await LoopbackTarget.ReadAllAsync(connection), Is.EqualTo("after"u8.ToArray()));
    }

    [Test]
    public async Task Forward_CallerEndsFirst_TargetStillSends()
    {
        using var target = new LoopbackTarget();
        await using var stream = await OpenAsync(await TokenAsync(), target.Port);
        using var connection = await target.AcceptAsync();

        await WriteAsync(stream, "question"u8.ToArray());
        Assert.That(await LoopbackTarget.ReadAllAsync(connection), Is.EqualTo("question"u8.ToArray()), "the end of the input arrives");

        await connection.SendAsync("answer"u8.ToArray());
        connection.Shutdown(SocketShutdown.Send);
        Assert.That(await ReadAllAsync(stream), Is.EqualTo("answer"u8.ToArray()));
    }

    [Test]
    public async Task Forward_PlainGrpcCaller_GetsTheBytesAndTheEnd()
    {
        using var target = new LoopbackTarget();
        using var call = Gateway.Client.ForwardTcp();
        await call.RequestStream.WriteAsync(new TcpForwardFrame { Init = Init(await TokenAsync(), target.Port) });
        using var connection = await target.AcceptAsync();
        await connection.SendAsync("hello"u8.ToArray());
        connection.Shutdown(SocketShutdown.Send);

        var received = new List<byte>();
        await foreach (var frame in call.ResponseStream.ReadAllAsync(new CancellationTokenSource(Eventually.Timeout).Token))
        {
            Assert.That(frame.PayloadCase, Is.EqualTo(TcpForwardFrame.PayloadOneofCase.Data), "a plain caller is never sent our own frame");
            received.AddRange(frame.Data);
        }

        Assert.That(received, Is.EqualTo("hello"u8.ToArray()));
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
    }

    [Test]
    public async Task Forward_RefusedPort_StatusWithTheSupervisorsText()
    {
        int port;
        using (var target = new LoopbackTarget())
        {
            port = target.Port;
        }

        var token = await TokenAsync();
        var e = await Assert.ThrowsAsync<RelayRefusedException>(() => OpenAsync(token, port));
        Assert.That(e!.Message, Is.EqualTo($"Unavailable: supervisor relay failed: 127.0.0.1:{port}: Connection refused"));
    }

    [Test]
    public async Task Forward_CallerGoesAway_TargetSeesIt()
    {
        using var target = new LoopbackTarget();
        var stream = await OpenAsync(await TokenAsync(), target.Port);
        using var connection = await target.AcceptAsync();
        stream.Abort();
        await stream.DisposeAsync();
        await LoopbackTarget.EndedAsync(connection);
    }

    [Test]
    public async Task Forward_TargetResets_CallerIsToldUnavailable()
    {
        using var target = new LoopbackTarget();
        await using var stream = await OpenAsync(await TokenAsync(), target.Port);
        using (var connection = await target.AcceptAsync())
        {
            connection.LingerState = new LingerOption(true, 0);
        }

        var e = await Assert.CatchAsync<IOException>(() => ReadAllAsync(stream));
        Assert.That(e!.Message, Does.StartWith("Unavailable: relay read failed"));
    }

    [Test]
    public async Task Forward_ReadersThatStop_BlockNothingElse()
    {
        using var stuck = new LoopbackTarget();
        using var lively = new LoopbackTarget();
        await using var unread = await OpenAsync(await TokenAsync(), stuck.Port);
        using var sender = await stuck.AcceptAsync();
        using var cancel = new CancellationTokenSource();
        var flood = FloodAsync(sender, cancel.Token);

        await using var stream = await OpenAsync(await TokenAsync(), lively.Port);
        using var connection = await lively.AcceptAsync();
        var echo = LoopbackTarget.EchoAsync(connection);
        await WriteAsync(stream, "still here"u8.ToArray());
        Assert.That(await ReadAllAsync(stream), Is.EqualTo("still here"u8.ToArray()));
        Assert.That(flood.IsCompleted, Is.False, "nobody reads, so the sender is held up");
        await cancel.CancelAsync();
        await flood;
        await echo;
    }

    [Test]
    public async Task Forward_TokenOf_AnotherSandboxOrNobody_IsRefused()
    {
        var other = await Gateway.CreateReadyAsync();
        var foreign = (await Gateway.Client.CreateSshSessionAsync(new CreateSshSessionRequest { SandboxId = other.Metadata.Id })).Token;
        var own = await TokenAsync();

        await Assert.MultipleAsync(async () =>
        {
            await RefusedAsync("", "Unauthenticated: authorization_token is required for ForwardTcp");
            await RefusedAsync("nonsense", "Unauthenticated: SSH session token not found");
            await RefusedAsync(own + "0", "Unauthenticated: SSH session token not found");
            await RefusedAsync(foreign, "Unauthenticated: SSH session token is not valid");
        });

        async Task RefusedAsync(string token, string message) =>
            Assert.That((await Assert.ThrowsAsync<RelayRefusedException>(() => OpenAsync(token, 1)))!.Message, Is.EqualTo(message));
    }

    [Test]
    public async Task Revoke_LiveStream_IsCutAndTheTokenIsOver()
    {
        using var target = new LoopbackTarget();
        var token = await TokenAsync();
        await using var stream = await OpenAsync(token, target.Port);
        using var connection = await target.AcceptAsync();

        Assert.That((await Gateway.Client.RevokeSshSessionAsync(new RevokeSshSessionRequest { Token = token })).Revoked, Is.True);

        var e = await Assert.CatchAsync<IOException>(() => ReadAllAsync(stream));
        Assert.That(e!.Message, Is.EqualTo("Unauthenticated: the SSH session was revoked"));
        await LoopbackTarget.EndedAsync(connection);
        var again = await Assert.ThrowsAsync<RelayRefusedException>(() => OpenAsync(token, target.Port));
        Assert.That(again!.Message, Is.EqualTo("Unauthenticated: SSH session token is not valid"));
        Assert.That((await Gateway.Client.RevokeSshSessionAsync(new RevokeSshSessionRequest { Token = "ssh_x.y" })).Revoked, Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task StopOrDelete_LiveStream_IsCut(bool delete)
    {
        using var target = new LoopbackTarget();
        await using var stream = await OpenAsync(await TokenAsync(), target.Port);
        using var connection = await target.AcceptAsync();
        var name = _sandbox.Metadata.Name;
        if (delete)
        {
            await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { Name = name });
        }
        else
        {
            await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { Name = name });
        }

        await Assert.CatchAsync<IOException>(() => ReadAllAsync(stream));
        await LoopbackTarget.EndedAsync(connection);
    }

    [Test]
    public async Task Restarted_TokenFromBefore_IsNotValid()
    {
        var token = await TokenAsync();
        await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { Name = _sandbox.Metadata.Name });
        var stopped = await Assert.ThrowsAsync<RelayRefusedException>(() => OpenAsync(token, 1));
        Assert.That(stopped!.Code, Is.EqualTo(StatusCode.FailedPrecondition));

        await Gateway.Client.StartSandboxAsync(new StartSandboxRequest { Name = _sandbox.Metadata.Name });
        await Gateway.WaitForPhaseAsync(_sandbox.Metadata.Name, SandboxPhase.Ready);
        var e = await Assert.ThrowsAsync<RelayRefusedException>(() => OpenAsync(token, 1));
        Assert.That(e!.Message, Is.EqualTo("Unauthenticated: SSH session token is not valid"));
    }

    [Test]
    public async Task Forward_OneMoreWithOneToken_ResourceExhaustedUntilOneEnds()
    {
        using var target = new LoopbackTarget();
        var token = await TokenAsync();
        var streams = new List<RelayConnection>();
        for (var i = 0; i < 3; i++)
        {
            streams.Add(await OpenAsync(token, target.Port));
        }

        var e = await Assert.ThrowsAsync<RelayRefusedException>(() => OpenAsync(token, target.Port));
        Assert.That(e!.Message, Is.EqualTo(
            "ResourceExhausted: there are 3 forwarded streams with this token, which is the limit; close some, or raise the gateway's --max-forwards-per-token"));

        streams[0].Abort();
        await streams[0].DisposeAsync();
        await Eventually.BecomesTrueAsync(async () => await TryOpenAsync(token, target.Port) is { } again && Keep(again), () => "a place is free again");
        foreach (var stream in streams)
        {
            stream.Abort();
            await stream.DisposeAsync();
        }

        bool Keep(RelayConnection again)
        {
            streams.Add(again);
            return true;
        }
    }

    [Test]
    public async Task CreateSshSession_Answer_IsWhatTheClientReachedUsBy()
    {
        var answer = await Gateway.Client.CreateSshSessionAsync(new CreateSshSessionRequest { SandboxId = _sandbox.Metadata.Id });
        Assert.That(
            (answer.GatewayHost, (int)answer.GatewayPort, answer.GatewayScheme),
            Is.EqualTo((Gateway.Endpoint.Host, Gateway.Endpoint.Port, "http")));
        Assert.That(answer.Token, Does.Match("^ssh_[0-9a-f]{32}\\.[0-9a-f]{64}$"));
        var life = DateTimeOffset.FromUnixTimeMilliseconds(answer.ExpiresAtMs) - DateTimeOffset.UtcNow;
        Assert.That(life, Is.EqualTo(TimeSpan.FromHours(24)).Within(TimeSpan.FromMinutes(5)));
        var stored = await File.ReadAllBytesAsync(Directory.File("gateway/openshell.db-wal"));
        Assert.That(stored.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(answer.Token.Split('.')[1])), Is.Negative, "the secret is not stored");
    }

    private async Task<string> TokenAsync() =>
        (await Gateway.Client.CreateSshSessionAsync(new CreateSshSessionRequest { SandboxId = _sandbox.Metadata.Id })).Token;

    private TcpForwardInit Init(string token, int port) => new()
    {
        SandboxId = _sandbox.Metadata.Id,
        ServiceId = "test",
        Tcp = new TcpRelayTarget { Host = "127.0.0.1", Port = (uint)port },
        AuthorizationToken = token,
    };

    private Task<RelayConnection> OpenAsync(string token, int port) => Eventually.EndsAsync(
        ForwardClient.OpenAsync(_http, Gateway.Endpoint, Gateway.AdminToken, Init(token, port), CancellationToken.None),
        "ForwardTcp answers");

    private async Task<RelayConnection?> TryOpenAsync(string token, int port)
    {
        try
        {
            return await OpenAsync(token, port);
        }
        catch (RelayRefusedException e) when (e.Code == StatusCode.ResourceExhausted)
        {
            return null;
        }
    }

    private static async Task WriteAsync(RelayConnection stream, byte[] data)
    {
        using var timeout = new CancellationTokenSource(Eventually.Timeout);
        await stream.WriteAsync(new ReadOnlySequence<byte>(data), flush: true, timeout.Token);
        await stream.CompleteWritesAsync(timeout.Token);
    }

    private static async Task<byte[]> ReadAllAsync(RelayConnection stream)
    {
        using var timeout = new CancellationTokenSource(Eventually.Timeout);
        var all = new ArrayBufferWriter<byte>();
        while (await stream.ReadAsync(timeout.Token) is { Kind: RelayReadKind.Data } read)
        {
            foreach (var piece in read.Data)
            {
                all.Write(piece.Span);
            }

            stream.Advance();
        }

        return all.WrittenSpan.ToArray();
    }

    private static async Task FloodAsync(Socket socket, CancellationToken cancellationToken)
    {
        var block = new byte[64 * 1024];
        try
        {
            while (true)
            {
                await socket.SendAsync(block, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
