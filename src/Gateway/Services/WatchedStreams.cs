using Grpc.Core;

namespace OpenShell.Gateway.Services;

/// <summary>A stream of answers that notes whether it has had any.</summary>
internal sealed class WatchedStream<T>(IServerStreamWriter<T> stream) : IServerStreamWriter<T>
{
    private volatile bool _hasWritten;

    public bool HasWritten => _hasWritten;

    public WriteOptions? WriteOptions
    {
        get => stream.WriteOptions;
        set => stream.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        _hasWritten = true;
        return stream.WriteAsync(message, cancellationToken);
    }
}

/// <summary>A stream of requests whose first message can be looked at before it is read.</summary>
internal sealed class PeekedStream<T>(IAsyncStreamReader<T> stream) : IAsyncStreamReader<T>
    where T : class
{
    private Task<bool>? _peeked;

    public T Current => stream.Current;

    /// <summary>The first message; null if there is none. To be called once, before anything is read.</summary>
    public async Task<T?> PeekAsync(CancellationToken cancellationToken)
    {
        _peeked = stream.MoveNext(cancellationToken);
        return await _peeked ? stream.Current : null;
    }

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        var next = _peeked ?? stream.MoveNext(cancellationToken);
        _peeked = null;
        return next;
    }
}
