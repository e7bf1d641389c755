using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace OpenShell.Protocol.Relay;

/// <summary>Opens streams of relay frames, RelayStream and ForwardTcp alike, without a gRPC library.</summary>
internal static class RelayCall
{
    /// <summary>Sends the first frame and returns the stream once the gateway has answered its headers.</summary>
    /// <param name="http">Carries HTTP/2 to the gateway.</param>
    /// <param name="method">Scheme, authority and path.</param>
    /// <param name="token">The bearer token, or null for none.</param>
    /// <param name="writeInit">Appends the first frame.</param>
    /// <param name="peerKnowsEndOfStream">Null asks the headers of the answer.</param>
    public static async Task<RelayConnection> OpenAsync(
        HttpMessageInvoker http,
        Uri method,
        string? token,
        Action<RelayFrameWriter> writeInit,
        bool? peerKnowsEndOfStream,
        CancellationToken cancellationToken)
    {
        var content = new DuplexContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Add(RelayWire.FeaturesHeader, RelayFeatures.EndOfStream);

        // The source outlives this call and has no timer: it is never disposed, so that a late Abort finds it.
        var aborted = new CancellationTokenSource();
        await using var giveUp = cancellationToken.UnsafeRegister(
            static state => ((CancellationTokenSource)state!).Cancel(), aborted).ConfigureAwait(false);
        HttpResponseMessage? response = null;
        try
        {
            var responding = http.SendAsync(request, aborted.Token);
            var opened = await Task.WhenAny(content.RequestStream, responding).ConfigureAwait(false);
            if (opened == responding && !content.RequestStream.IsCompletedSuccessfully)
            {
                response = await responding.ConfigureAwait(false);
                throw GrpcStatus.FromHeaders(response)
                    ?? new RelayRefusedException(Grpc.Core.StatusCode.Internal, "The gateway answered before it read the request.");
            }

            var output = PipeWriter.Create(await content.RequestStream.ConfigureAwait(false), RelayPipes.WriterOptions);
            var writer = new RelayFrameWriter(output);
            writeInit(writer);
            var broken = await TryFlushAsync(writer, cancellationToken).ConfigureAwait(false);

            // A gateway that refuses without reading resets the request: its response has the reason, the failed write has not.
            response = await responding.ConfigureAwait(false);
            if (GrpcStatus.FromHeaders(response) is { } refused)
            {
                throw refused;
            }

            if (broken is not null)
            {
                throw new IOException("The relay was aborted.", broken);
            }

            var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var reader = new RelayFrameReader(PipeReader.Create(body, RelayPipes.ReaderOptions));
            var transport = new RelayClientTransport(response, content, aborted, output);
            return new RelayConnection(reader, writer, transport, peerKnowsEndOfStream ?? KnowsEndOfStream(response));
        }
        catch (Exception e)
        {
            await aborted.CancelAsync().ConfigureAwait(false);
            content.Complete();
            response?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (e is OperationCanceledException)
            {
                // Not cancelled by the caller: the gateway reset the stream.
                throw new IOException("The relay was aborted.", e);
            }

            throw;
        }
    }

    private static bool KnowsEndOfStream(HttpResponseMessage response) =>
        response.Headers.TryGetValues(RelayWire.FeaturesHeader, out var values)
        && values.Any(value => RelayFeatures.Includes(value, RelayFeatures.EndOfStream));

    private static async Task<Exception?> TryFlushAsync(RelayFrameWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is (IOException or HttpRequestException or OperationCanceledException or InvalidOperationException))
        {
            return e;
        }
    }
}

/// <summary>The gateway answered a RelayStream or ForwardTcp call with a status other than OK.</summary>
public sealed class RelayRefusedException(StatusCode code, string message) : IOException($"{code}: {message}")
{
    /// <summary>The status that the gateway gave.</summary>
    public StatusCode Code { get; } = code;

    /// <summary>The message of the status, without its code.</summary>
    public string Detail { get; } = message;
}

/// <summary>Buffer sizes between a relay and an HTTP/2 client stream.</summary>
internal static class RelayPipes
{
    // A whole frame and its header fit one segment, so that a frame goes out in one write.
    internal static readonly StreamPipeWriterOptions WriterOptions = new(minimumBufferSize: RelayWire.MaxFrameData + 64, leaveOpen: true);

    internal static readonly StreamPipeReaderOptions ReaderOptions =
        new(bufferSize: RelayWire.MaxFrameData, minimumReadSize: 4096, useZeroByteReads: true);
}
