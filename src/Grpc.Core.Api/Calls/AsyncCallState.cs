namespace Grpc.Core;

/// <summary>
/// The part that the four call objects share. The transport hands over delegates and one state object,
/// so that a call costs no closures; plain delegates are carried in a <see cref="PlainCallDelegates"/> instead.
/// </summary>
internal readonly struct AsyncCallState
{
    private readonly Func<object, Task<Metadata>> _responseHeadersAsync;
    private readonly Func<object, Status> _getStatus;
    private readonly Func<object, Metadata> _getTrailers;
    private readonly Action<object> _dispose;
    private readonly object _state;

    public AsyncCallState(
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatus,
        Func<object, Metadata> getTrailers,
        Action<object> dispose,
        object state)
    {
        _responseHeadersAsync = responseHeadersAsync;
        _getStatus = getStatus;
        _getTrailers = getTrailers;
        _dispose = dispose;
        _state = state;
    }

    public AsyncCallState(
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatus,
        Func<Metadata> getTrailers,
        Action dispose)
        : this(
            static state => ((PlainCallDelegates)state).ResponseHeadersAsync,
            static state => ((PlainCallDelegates)state).GetStatus(),
            static state => ((PlainCallDelegates)state).GetTrailers(),
            static state => ((PlainCallDelegates)state).Dispose(),
            new PlainCallDelegates(responseHeadersAsync, getStatus, getTrailers, dispose))
    {
    }

    public Task<Metadata> ResponseHeadersAsync => _responseHeadersAsync(_state);

    public Status GetStatus() => _getStatus(_state);

    public Metadata GetTrailers() => _getTrailers(_state);

    public void Dispose() => _dispose(_state);
}
