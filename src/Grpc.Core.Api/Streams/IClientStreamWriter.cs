namespace Grpc.Core;

/// <summary>The client's end of a stream of requests.</summary>
/// <typeparam name="T">The request message.</typeparam>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>Ends the stream of requests. Call it once, after the last write.</summary>
    Task CompleteAsync();
}
