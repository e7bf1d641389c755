namespace Grpc.Core;

/// <summary>A call with a stream of requests and a stream of responses, independent of each other. Disposing it cancels the call if it has not ended.</summary>
/// <typeparam name="TRequest">The request message.</typeparam>
/// <typeparam name="TResponse">The response message.</typeparam>
public sealed class AsyncDuplexStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly AsyncCallState _call;

    /// <summary>A call object over plain delegates.</summary>
    /// <param name="requestStream">Takes the requests.</param>
    /// <param name="responseStream">The responses.</param>
    /// <param name="responseHeadersAsync">The response headers.</param>
    /// <param name="getStatusFunc">Gives the status; throws InvalidOperationException until the call has ended.</param>
    /// <param name="getTrailersFunc">Gives the trailers; throws InvalidOperationException until the call has ended.</param>
    /// <param name="disposeAction">Cancels the call if it has not ended.</param>
    public AsyncDuplexStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        IAsyncStreamReader<TResponse> responseStream,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
    {
        RequestStream = requestStream;
        ResponseStream = responseStream;
        _call = new AsyncCallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    /// <summary>A call object over delegates that are given <paramref name="state"/>, which saves their closures.</summary>
    /// <param name="requestStream">Takes the requests.</param>
    /// <param name="responseStream">The responses.</param>
    /// <param name="responseHeadersAsync">The response headers.</param>
    /// <param name="getStatusFunc">Gives the status; throws InvalidOperationException until the call has ended.</param>
    /// <param name="getTrailersFunc">Gives the trailers; throws InvalidOperationException until the call has ended.</param>
    /// <param name="disposeAction">Cancels the call if it has not ended.</param>
    /// <param name="state">What each delegate is given.</param>
    public AsyncDuplexStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        IAsyncStreamReader<TResponse> responseStream,
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc,
        Func<object, Metadata> getTrailersFunc,
        Action<object> disposeAction,
        object state)
    {
        RequestStream = requestStream;
        ResponseStream = responseStream;
        _call = new AsyncCallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state);
    }

    /// <summary>Where requests are written; complete it when there are no more.</summary>
    public IClientStreamWriter<TRequest> RequestStream { get; }

    /// <summary>The responses. Reading throws <see cref="RpcException"/> when the call fails.</summary>
    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    /// <summary>The metadata that came before the first message. Fails with <see cref="RpcException"/> when the call does.</summary>
    public Task<Metadata> ResponseHeadersAsync => _call.ResponseHeadersAsync;

    /// <summary>How the call ended.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Status GetStatus() => _call.GetStatus();

    /// <summary>The metadata that came after the last message.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Metadata GetTrailers() => _call.GetTrailers();

    /// <summary>Frees what the call holds, and cancels it if it has not ended. Safe to call twice.</summary>
    public void Dispose() => _call.Dispose();
}
