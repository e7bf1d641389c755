using System.IO.Compression;
using Grpc.Net.Client;
using Grpc.Net.Compression;

namespace OpenShell.GrpcAbstractions.RoundTrip;

[CancelAfter(30_000)]
public class CompressionRoundTripTests
{
    [TestCase("gzip")]
    [TestCase("deflate")]
    public async Task BothWays_Compressed(string encoding)
    {
        List<ICompressionProvider> providers =
            [new GzipCompressionProvider(CompressionLevel.Fastest), new DeflateCompressionProvider(CompressionLevel.Fastest)];
        await using var server = await EchoServer.StartAsync(options =>
        {
            options.ResponseCompressionAlgorithm = encoding;
            options.CompressionProviders = providers;
        });
        using var recorder = new EncodingRecorder();
        using var channel = server.Connect(new GrpcChannelOptions { HttpHandler = recorder, CompressionProviders = providers });
        var payload = Enumerable.Range(0, 100_000).Select(i => (byte)(i / 1000)).ToArray();
        var options = new CallOptions(new Metadata { { "grpc-internal-encoding-request", encoding } });

        var answer = await channel.CreateCallInvoker().AsyncUnaryCall(TestMethods.Echo, null, options, payload);

        Assert.That(answer, Is.EqualTo(payload));
        Assert.That(server.Calls.LastEncoding, Is.EqualTo(encoding), "request");
        Assert.That(recorder.LastResponseEncoding, Is.EqualTo(encoding), "response");
    }

    [TestCase("gzip")]
    [TestCase("deflate")]
    public void Provider_RoundTripsAndLeavesTheStreamOpen(string encoding)
    {
        ICompressionProvider provider = encoding == "gzip"
            ? new GzipCompressionProvider(CompressionLevel.Fastest)
            : new DeflateCompressionProvider(CompressionLevel.Fastest);
        using var compressed = new MemoryStream();
        using (var stream = provider.CreateCompressionStream(compressed, null))
        {
            stream.Write(new byte[10_000]);
        }

        Assert.That(provider.EncodingName, Is.EqualTo(encoding));
        Assert.That(compressed.Length, Is.LessThan(1_000));
        compressed.Position = 0;
        using var restored = new MemoryStream();
        using (var stream = provider.CreateDecompressionStream(compressed))
        {
            stream.CopyTo(restored);
        }

        Assert.That(restored.ToArray(), Is.EqualTo(new byte[10_000]));
        Assert.That(compressed.CanRead, Is.True);
    }
}
