using System.Buffers;
using System.Net;
using Grpc.Core;
using OpenShell.TestKit;

namespace OpenShell.Protocol.Relay;

public class RelayClientTests
{
    [Test]
    public async Task OpenAsync_GatewayAccepts_SendsClaimTokenAndFeatures()
    {
        var seen = new TaskCompletionSource<string>();
        await using var server = await RelayServer.StartAsync(async (context, reader, _) =>
        {
            var headers = context.Request.Headers;
            var channel = await RelayServer.AcceptAsync(context, reader);
            seen.SetResult($"{channel} {headers.Authorization} {headers[RelayWire.FeaturesHeader]} {headers.ContentType} {headers.TE}");
            RelayServer.Trailers(context, "0");
        });

        await using var relay = await Eventually.EndsAsync(server.OpenAsync(), "the open");

        Assert.That(await Eventually.EndsAsync(seen.Task, "the claim"), Is.EqualTo("channel-1 Bearer token-1 relay-eos application/grpc trailers"));
    }

    [Test]
    public async Task OpenAsync_RefusedInHeaders_ThrowsTheStatus()
    {
        await using var server = await RelayServer.StartAsync((context, _, _) =>
        {
            context.Response.Headers["grpc-status"] = "5";
            context.Response.Headers["grpc-message"] = Uri.EscapeDataString("unknown or expired relay channel: ü");
            return Task.CompletedTask;
        });

        var error = await Assert.ThrowsAsync<RelayRefusedException>(() => Eventually.EndsAsync(server.OpenAsync(), "the refusal"));

        Assert.That((error!.Code, error.Message), Is.EqualTo((StatusCode.NotFound, "NotFound: unknown or expired relay channel: ü")));
    }

    [Test]
    public async Task OpenAsync_HttpError_ThrowsUnavailable()
    {
        await using var server = await RelayServer.StartAsync((context, _, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });

        var error = await Assert.ThrowsAsync<RelayRefusedException>(() => Eventually.EndsAsync(server.OpenAsync(), "the refusal"));

        Assert.That((error!.Code, error.Message), Is.EqualTo((StatusCode.Unavailable, "Unavailable: The gateway answered HTTP 503.")));
    }

    // The gateway refuses without reading: its reset of the request can come before our claim is written.
    [TestCase(typeof(IOException))]
    [TestCase(typeof(OperationCanceledException))]
    [TestCase(typeof(HttpRequestException))]
    public async Task OpenAsync_RefusedBeforeTheClaimIsWritten_ThrowsTheStatus(Type writeFailure)
    {
        using var http = new HttpMessageInvoker(new RefusingHandler((Exception)Activator.CreateInstance(writeFailure, "reset")!));

        var error = await Assert.ThrowsAsync<RelayRefusedException>(() => Eventually.EndsAsync(
            RelayClient.OpenAsync(http, new Uri("http://gateway"), "t", "c", true, CancellationToken.None), "the refusal"));

        Assert.That((error!.Code, error.Message), Is.EqualTo((StatusCode.Unauthenticated, "Unauthenticated: the sandbox token is not valid")));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task OpenAsync_GatewayResetsTheStream_ThrowsIOExceptionOrHttpRequestException(bool afterHeaders)
    {
        await using var server = await RelayServer.StartAsync(async (context, reader, _) =>
        {
            await (afterHeaders ? (Task)RelayServer.AcceptAsync(context, reader) : reader.ReadAsync(context.RequestAborted).AsTask());
            context.Abort();
        });

        // After the headers the reset may come before the open returns, or after.
        await Assert.ThatAsync(OpenAndReadAsync, Throws.InstanceOf<IOException>().Or.InstanceOf<HttpRequestException>());

        async Task OpenAndReadAsync()
        {
            await using var relay = await Eventually.EndsAsync(server.OpenAsync(), "the open");
            await ReadAsync(relay);
        }
    }

    // The transport reports a reset as a cancellation, although nobody cancelled.
    [Test]
    public async Task OpenAsync_TransportCancels_ThrowsIOException()
    {
        using var http = new HttpMessageInvoker(new CancellingHandler());

        await Assert.ThrowsAsync<IOException>(() => Eventually.EndsAsync(
            RelayClient.OpenAsync(http, new Uri("http://gateway"), "t", "c", true, CancellationToken.None), "the failure"));
    }

    [Test]
    public async Task OpenAsync_NobodyListens_ThrowsHttpRequestException()
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());

        await Assert.ThrowsAsync<HttpRequestException>(() => Eventually.EndsAsync(
            RelayClient.OpenAsync(http, new Uri("http://127.0.0.1:1"), "t", "c", true, CancellationToken.None), "the failure"));
    }

    [Test]
    public async Task OpenAsync_GatewayDoesNotAnswer_CanBeCancelled()
    {
        var claimed = new TaskCompletionSource();
        var aborted = new TaskCompletionSource();
        await using var server = await RelayServer.StartAsync(async (context, reader, _) =>
        {
            await reader.ReadAsync(context.RequestAborted);
            await using var registration = context.RequestAborted.Register(aborted.SetResult);
            claimed.SetResult();
            await aborted.Task;
        });
        using var cancel = new CancellationTokenSource();
        var opening = server.OpenAsync(cancellationToken: cancel.Token);
        await Eventually.EndsAsync(claimed.Task, "the claim");

        await cancel.CancelAsync();

        await Assert.ThatAsync(() => Eventually.EndsAsync(opening, "the open"), Throws.InstanceOf<OperationCanceledException>());
        await Eventually.EndsAsync(aborted.Task, "the reset of the request at the gateway");
    }

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

    private sealed class CancellingHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromException<HttpResponseMessage>(new TaskCanceledException());
    }

    /// <summary>Answers while the body cannot be written, as when the reset of the request overtakes it.</summary>
    private sealed class RefusingHandler(Exception writeFailure) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = new BrokenStream(writeFailure);
            _ = request.Content!.CopyToAsync(body, cancellationToken);
            await body.Written;
            var response = new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
            response.Headers.Add("grpc-status", "16");
            response.Headers.Add("grpc-message", "the%20sandbox%20token%20is%20not%20valid");
            return response;
        }
    }

    private sealed class BrokenStream(Exception failure) : MemoryStream
    {
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Written => _written.Task;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _written.TrySetResult();
            return ValueTask.FromException(failure);
        }
    }
}
