using System.Buffers;
using System.Net.Sockets;
using Grpc.Core;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>ForwardTcp, through a real gateway and a real supervisor to a loopback port.</summary>
public sealed class ForwardTests : ForwardTest
{
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

    private static async Task WriteAsync(RelayConnection stream, byte[] data)
    {
        using var timeout = new CancellationTokenSource(Eventually.Timeout);
        await stream.WriteAsync(new ReadOnlySequence<byte>(data), flush: true, timeout.Token);
        await stream.CompleteWritesAsync(timeout.Token);
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
