namespace Grpc.Core;

/// <summary>The server's end of a stream of responses; it ends when the handler returns.</summary>
/// <typeparam name="T">The response message.</typeparam>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>
{
}
