namespace Grpc.Core;

/// <summary>Reads a stream of messages. One reader at a time.</summary>
/// <typeparam name="T">The message.</typeparam>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message that the last successful <see cref="MoveNext"/> read. Undefined before it.</summary>
    T Current { get; }

    /// <summary>Reads the next message into <see cref="Current"/>; false at the end of the stream.</summary>
    /// <exception cref="RpcException">On a client: the call failed, or <paramref name="cancellationToken"/> cancelled it.</exception>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}
