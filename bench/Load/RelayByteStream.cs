using System.Buffers;
using OpenShell.Protocol.Relay;

namespace OpenShell.Load;

/// <summary>ForwardTcp on a connection of its own, as each command of the CLI has one.</summary>
internal sealed class RelayByteStream(HttpMessageInvoker http, RelayConnection relay) : IByteStream
{
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        await relay.WriteAsync(new ReadOnlySequence<byte>(data), flush: true, cancellationToken);

    public async ValueTask<int> ReadAsync(CancellationToken cancellationToken)
    {
        var read = await relay.ReadAsync(cancellationToken);
        var count = (int)read.Data.Length;
        relay.Advance();
        return count;
    }

    public async ValueTask DisposeAsync()
    {
        relay.Abort();
        await Until.EndsAsync(relay.DisposeAsync().AsTask(), "a relay is closed");
        http.Dispose();
    }
}
