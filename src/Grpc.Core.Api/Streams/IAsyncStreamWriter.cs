namespace Grpc.Core;

/// <summary>Writes a stream of messages. One write at a time: await each before the next.</summary>
/// <typeparam name="T">The message.</typeparam>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>How the following messages are written; null is the default.</summary>
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Writes one message. Completes when the transport has taken it, which is where back pressure is felt.</summary>
    Task WriteAsync(T message);

    /// <summary>Writes one message; cancelling it cancels the whole call.</summary>
    /// <exception cref="NotSupportedException">The token can be cancelled and this writer does not support that.</exception>
    Task WriteAsync(T message, CancellationToken cancellationToken) => cancellationToken.CanBeCanceled
        ? throw new NotSupportedException("This stream writer cannot cancel a write.")
        : WriteAsync(message);
}
