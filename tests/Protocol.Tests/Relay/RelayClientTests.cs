using System.Buffers;
using OpenShell.TestKit;

namespace OpenShell.Protocol.Relay;

public class RelayClientTests
{
    [Test]
    public async Task ReadAsync_RefusedInTrailers_ThrowsTheStatus()
    {
        await using var server = await RelayServer.StartAsync(async (context, reader, _) =>
        {
            await RelayServer.AcceptAsync(context, reader);
            RelayServer.Trailers(context, "14", "the%20sandbox%20was%20stopped");
        });
        await using var relay = await Eventually.EndsAsync(server.OpenAsync(), "the open");

        var error = await Assert.ThrowsAsync<RelayRefusedException>(() => ReadAsync(relay));

        Assert.That(error!.Message, Is.EqualTo("Unavailable: the sandbox was stopped"));
    }

    [Test]
    public async Task ReadAsync_StreamEndsWithoutStatus_ThrowsUnavailable()
    {
        await using var server = await RelayServer.StartAsync((context, reader, _) => RelayServer.AcceptAsync(context, reader));
        await using var relay = await Eventually.EndsAsync(server.OpenAsync(), "the open");

        var error = await Assert.ThrowsAsync<RelayRefusedException>(() => ReadAsync(relay));

        Assert.That(error!.Message, Is.EqualTo("Unavailable: The relay ended without a status."));
    }

    [TestCase(1)]
    [TestCase(64 * 1024)]
    [TestCase(5_000_000)]
    public async Task Relay_Echo_ComesBackWhole(int length)
    {
        await using var server = await RelayServer.StartAsync(EchoAsync);
        await using var relay = await Eventually.EndsAsync(server.OpenAsync(), "the open");
        var data = Bytes.Random(length);

        var writing = WriteAsync();
        var received = await Eventually.EndsAsync(ReadToEndAsync(relay), "the echo");

        Assert.That(received.AsSpan().SequenceEqual(data), Is.True);
        await Eventually.EndsAsync(writing, "the write");

        async Task WriteAsync()
        {
            await relay.WriteAsync(new ReadOnlySequence<byte>(data), flush: true, CancellationToken.None);
            await relay.CompleteWritesAsync(CancellationToken.None);
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task CompleteWritesAsync_HalfClosed_StillReads(bool peerKnowsEndOfStream)
    {
        await using var server = await RelayServer.StartAsync(async (context, reader, writer) =>
        {
            await RelayServer.AcceptAsync(context, reader);
            var first = await reader.ReadAsync(context.RequestAborted);
            reader.Advance();
            writer.Write(default, new ReadOnlySequence<byte>([(byte)first.Kind]));
            await writer.FlushAsync(context.RequestAborted);
            RelayServer.Trailers(context, "0");
        });
        await using var relay = await Eventually.EndsAsync(server.OpenAsync(peerKnowsEndOfStream: peerKnowsEndOfStream), "the open");

        await relay.CompleteWritesAsync(CancellationToken.None);

        var kind = peerKnowsEndOfStream ? RelayReadKind.EndOfStream : RelayReadKind.Completed;
        Assert.That(await Eventually.EndsAsync(ReadToEndAsync(relay), "the answer"), Is.EqualTo(new[] { (byte)kind }));
    }

    [Test]
    public async Task DisposeAsync_AfterCompleteWrites_LosesNothingOnItsWay()
    {
        var received = new TaskCompletionSource<int>();
        await using var server = await RelayServer.StartAsync(async (context, reader, _) =>
        {
            await RelayServer.AcceptAsync(context, reader);
            var count = 0;
            while (await reader.ReadAsync(context.RequestAborted) is { Kind: RelayReadKind.Data } read)
            {
                count += (int)read.Data.Length;
                reader.Advance();
            }

            received.SetResult(count);
            RelayServer.Trailers(context, "0");
        });
        var relay = await Eventually.EndsAsync(server.OpenAsync(), "the open");

        await relay.WriteAsync(new ReadOnlySequence<byte>(new byte[3_000_000]), flush: true, CancellationToken.None);
        await relay.CompleteWritesAsync(CancellationToken.None);
        await Eventually.EndsAsync(relay.DisposeAsync().AsTask(), "the dispose");

        Assert.That(await Eventually.EndsAsync(received.Task, "the end of the stream"), Is.EqualTo(3_000_000));
    }

    [Test]
    public async Task ReadAndWrite_GatewayAborts_ThrowIOException()
    {
        var abort = new TaskCompletionSource();
        await using var server = await RelayServer.StartAsync(async (context, reader, _) =>
        {
            await RelayServer.AcceptAsync(context, reader);
            await abort.Task;
            context.Abort();
        });
        var relay = await Eventually.EndsAsync(server.OpenAsync(), "the open");
        var reading = ReadAsync(relay);

        abort.SetResult();

        await Assert.ThatAsync(() => Eventually.EndsAsync(reading, "the read"), Throws.InstanceOf<IOException>());
        await Assert.ThrowsAsync<IOException>(async () =>
            await relay.WriteAsync(new ReadOnlySequence<byte>(new byte[10]), flush: true, CancellationToken.None));
        await Eventually.EndsAsync(relay.DisposeAsync().AsTask(), "the dispose");
    }

    [Test]
    public async Task DisposeAsync_GatewayAbortedAfterCompleteWrites_DoesNotThrow()
    {
        var abort = new TaskCompletionSource();
        await using var server = await RelayServer.StartAsync(async (context, reader, _) =>
        {
            await RelayServer.AcceptAsync(context, reader);
            await abort.Task;
            context.Abort();
        });
        var relay = await Eventually.EndsAsync(server.OpenAsync(), "the open");
        await relay.WriteAsync(new ReadOnlySequence<byte>(new byte[10]), flush: false, CancellationToken.None);
        await relay.CompleteWritesAsync(CancellationToken.None);
        abort.SetResult();
        await Assert.ThatAsync(() => ReadAsync(relay), Throws.InstanceOf<IOException>());

        await Eventually.EndsAsync(relay.DisposeAsync().AsTask(), "the dispose");
    }

    [Test]
    public async Task Abort_PendingRead_FailsAtBothEnds()
    {
        var gone = new TaskCompletionSource<Exception?>();
        await using var server = await RelayServer.StartAsync(async (context, reader, _) =>
        {
            await RelayServer.AcceptAsync(context, reader);
            try
            {
                await reader.ReadAsync(CancellationToken.None);
                gone.SetResult(null);
            }
            catch (Exception e)
            {
                gone.SetResult(e);
            }
        });
        var relay = await Eventually.EndsAsync(server.OpenAsync(), "the open");
        var reading = ReadAsync(relay);

        relay.Abort();
        relay.Abort();

        await Assert.ThatAsync(() => Eventually.EndsAsync(reading, "the read"), Throws.InstanceOf<IOException>());
        Assert.That(await Eventually.EndsAsync(gone.Task, "the reset at the gateway"), Is.Not.Null);
        await Eventually.EndsAsync(relay.DisposeAsync().AsTask(), "the dispose");
    }

    [Test]
    public async Task DisposeAsync_WithoutCompleteWrites_ResetsTheStream()
    {
        var gone = new TaskCompletionSource<Exception?>();
        await using var server = await RelayServer.StartAsync(async (context, reader, _) =>
        {
            await RelayServer.AcceptAsync(context, reader);
            try
            {
                var read = await reader.ReadAsync(CancellationToken.None);
                gone.SetResult(new InvalidOperationException($"the stream ended with {read.Kind}"));
            }
            catch (IOException)
            {
                gone.SetResult(null);
            }
        });
        var relay = await Eventually.EndsAsync(server.OpenAsync(), "the open");

        await Eventually.EndsAsync(relay.DisposeAsync().AsTask(), "the dispose");

        Assert.That(await Eventually.EndsAsync(gone.Task, "the end at the gateway"), Is.Null, "a reset must not look like a finished request");
    }

    private static async Task EchoAsync(Microsoft.AspNetCore.Http.HttpContext context, RelayFrameReader reader, RelayFrameWriter writer)
    {
        await RelayServer.AcceptAsync(context, reader);
        while (await reader.ReadAsync(context.RequestAborted) is { Kind: RelayReadKind.Data } read)
        {
            writer.Write(default, read.Data);
            reader.Advance();
            if (!read.MoreBuffered)
            {
                await writer.FlushAsync(context.RequestAborted);
            }
        }

        writer.WriteEndOfStream();
        await writer.FlushAsync(context.RequestAborted);
        RelayServer.Trailers(context, "0");
    }

    private static Task<RelayRead> ReadAsync(RelayConnection relay) => relay.ReadAsync(CancellationToken.None).AsTask();

    private static async Task<byte[]> ReadToEndAsync(RelayConnection relay)
    {
        var received = new ArrayBufferWriter<byte>();
        while (await relay.ReadAsync(CancellationToken.None) is { Kind: RelayReadKind.Data } read)
        {
            foreach (var segment in read.Data)
            {
                received.Write(segment.Span);
            }

            relay.Advance();
        }

        return received.WrittenSpan.ToArray();
    }
}
