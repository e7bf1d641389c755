namespace OpenShell.Load;

/// <summary>A way to a target: through our relay, or through OpenSSH.</summary>
internal interface IByteStream : IAsyncDisposable
{
    /// <summary>Sends.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Takes what there is.</summary>
    /// <returns>The number of bytes; 0 at the end.</returns>
    ValueTask<int> ReadAsync(CancellationToken cancellationToken);
}
