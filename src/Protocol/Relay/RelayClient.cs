using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;

namespace OpenShell.Protocol.Relay;

/// <summary>Opens the supervisor's end of a relay: the RelayStream method, called without a gRPC library.</summary>
public static class RelayClient
{
    /// <summary>Calls RelayStream, claims the channel and returns the relay once the gateway has accepted it.</summary>
    /// <param name="http">Carries HTTP/2 to the gateway.</param>
    /// <param name="baseAddress">Scheme and authority of the gateway.</param>
    /// <param name="token">The sandbox token; without "Bearer".</param>
    /// <param name="channelId">The channel of the RelayOpen.</param>
    /// <param name="peerKnowsEndOfStream">Whether the session negotiated <see cref="RelayFeatures.EndOfStream"/>.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <exception cref="RelayRefusedException">The gateway refused the channel.</exception>
    /// <exception cref="HttpRequestException">The gateway cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke meanwhile.</exception>
    public static async Task<RelayConnection> OpenAsync(
        HttpMessageInvoker http,
        Uri baseAddress,
        string token,
        string channelId,
        bool peerKnowsEndOfStream,
        CancellationToken cancellationToken)
    {
        var content = new DuplexContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(baseAddress, RelayWire.RelayStreamPath))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Add(RelayWire.FeaturesHeader, RelayFeatures.EndOfStream);

        // The source outlives this call and has no timer: it is never disposed, so that a late Abort finds it.
        var aborted = new CancellationTokenSource();
        await using var giveUp = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), aborted).ConfigureAwait(false);
        HttpResponseMessage? response = null;
        try
        {
            var responding = http.SendAsync(request, aborted.Token);
            var opened = await Task.WhenAny(content.RequestStream, responding).ConfigureAwait(false);
            if (opened == responding && !content.RequestStream.IsCompletedSuccessfully)
            {
                response = await responding.ConfigureAwait(false);
                throw GrpcStatus.FromHeaders(response) ?? new RelayRefusedException(Grpc.Core.StatusCode.Internal, "The gateway answered before it read the request.");
            }

            var output = PipeWriter.Create(await content.RequestStream.ConfigureAwait(false), RelayPipes.WriterOptions);
            var writer = new RelayFrameWriter(output);
            writer.WriteInit(channelId);
            var broken = await TryFlushAsync(writer, cancellationToken).ConfigureAwait(false);

            // A gateway that refuses without reading resets the request: its answer says more than the write that failed.
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
            return new RelayConnection(reader, writer, new RelayClientTransport(response, content, aborted, output), peerKnowsEndOfStream);
        }
        catch (Exception e)
        {
            await aborted.CancelAsync().ConfigureAwait(false);
            content.Complete();
            response?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (e is OperationCanceledException)
            {
                // Nobody here cancelled: the gateway reset the stream.
                throw new IOException("The relay was aborted.", e);
            }

            throw;
        }
    }

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
