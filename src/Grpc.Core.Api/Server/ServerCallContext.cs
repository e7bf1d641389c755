namespace Grpc.Core;

/// <summary>One call as its handler sees it. The transport, or a test, implements the <c>Core</c> members.</summary>
public abstract class ServerCallContext
{
    private Dictionary<object, object>? _userState;

    /// <summary>The request path, <c>/service/method</c>.</summary>
    public string Method => MethodCore;

    /// <summary>The host that the client named.</summary>
    public string Host => HostCore;

    /// <summary>The client's address, such as <c>ipv4:127.0.0.1:50000</c>.</summary>
    public string Peer => PeerCore;

    /// <summary>When the call must be done, in UTC; <see cref="DateTime.MaxValue"/> if never.</summary>
    public DateTime Deadline => DeadlineCore;

    /// <summary>The request headers.</summary>
    public Metadata RequestHeaders => RequestHeadersCore;

    /// <summary>Cancelled when the client goes, cancels, or the deadline passes.</summary>
    public CancellationToken CancellationToken => CancellationTokenCore;

    /// <summary>The trailers that are sent when the handler returns.</summary>
    public Metadata ResponseTrailers => ResponseTrailersCore;

    /// <summary>The status that is sent when the handler returns. OK unless set.</summary>
    public Status Status
    {
        get => StatusCore;
        set => StatusCore = value;
    }

    /// <summary>How the following responses are written; null is the default.</summary>
    public WriteOptions? WriteOptions
    {
        get => WriteOptionsCore;
        set => WriteOptionsCore = value;
    }

    /// <summary>Who is calling, as far as the transport knows.</summary>
    public AuthContext AuthContext => AuthContextCore;

    /// <summary>Anything that interceptors and the handler want to share about this call.</summary>
    public IDictionary<object, object> UserState => UserStateCore;

    /// <summary>The request path.</summary>
    protected abstract string MethodCore { get; }

    /// <summary>The host that the client named.</summary>
    protected abstract string HostCore { get; }

    /// <summary>The client's address.</summary>
    protected abstract string PeerCore { get; }

    /// <summary>When the call must be done, in UTC.</summary>
    protected abstract DateTime DeadlineCore { get; }

    /// <summary>The request headers.</summary>
    protected abstract Metadata RequestHeadersCore { get; }

    /// <summary>Cancelled with the call.</summary>
    protected abstract CancellationToken CancellationTokenCore { get; }

    /// <summary>The trailers to send.</summary>
    protected abstract Metadata ResponseTrailersCore { get; }

    /// <summary>The status to send.</summary>
    protected abstract Status StatusCore { get; set; }

    /// <summary>How responses are written.</summary>
    protected abstract WriteOptions? WriteOptionsCore { get; set; }

    /// <summary>Who is calling.</summary>
    protected abstract AuthContext AuthContextCore { get; }

    /// <summary>What is shared about this call; a dictionary made on first use unless overridden.</summary>
    protected virtual IDictionary<object, object> UserStateCore => _userState ??= [];

    /// <summary>Sends the response headers now. They go out by themselves before the first response.</summary>
    /// <exception cref="InvalidOperationException">The headers are sent already.</exception>
    public Task WriteResponseHeadersAsync(Metadata responseHeaders) => WriteResponseHeadersAsyncCore(responseHeaders);

    /// <summary>A token that ties calls made by the handler to this one. Not every transport supports it.</summary>
    /// <exception cref="NotImplementedException">The transport does not support it.</exception>
    public ContextPropagationToken CreatePropagationToken(ContextPropagationOptions? options = null) =>
        CreatePropagationTokenCore(options);

    /// <summary>Sends the response headers.</summary>
    protected abstract Task WriteResponseHeadersAsyncCore(Metadata responseHeaders);

    /// <summary>Makes a propagation token.</summary>
    protected abstract ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options);
}
