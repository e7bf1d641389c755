namespace OpenShell.GrpcAbstractions.Calls;

public class StreamWriterTests
{
    [Test]
    public async Task WriteAsync_WriterThatKnowsNoTokens_WritesOnlyWithoutOne()
    {
        using var source = new CancellationTokenSource();
        var writer = new ListWriter();
        IAsyncStreamWriter<string> target = writer;

        await target.WriteAsync("a", CancellationToken.None);

        Assert.That(writer.Written, Is.EqualTo(new[] { "a" }));
        Assert.Throws<NotSupportedException>(() => target.WriteAsync("b", source.Token));
    }

    private sealed class ListWriter : IAsyncStreamWriter<string>
    {
        public List<string> Written { get; } = [];

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(string message)
        {
            Written.Add(message);
            return Task.CompletedTask;
        }
    }
}
