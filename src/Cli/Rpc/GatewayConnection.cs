using Grpc.Core;
using Grpc.Net.Client;
using OpenShell.Cli.Config;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.Extensions.V1;
using OpenShellApi = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.Cli.Rpc;

/// <summary>A gRPC channel to one gateway. Nothing is dialled before the first call.</summary>
internal sealed class GatewayConnection : IDisposable
{
    /// <summary>For calls that wait for a machine: longer than the gateway waits for its driver. One that is frozen is noticed sooner.</summary>
    public static readonly TimeSpan LifecycleTimeout = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan UnaryTimeout = TimeSpan.FromSeconds(30);

    // A gateway that stops answering is noticed within 10 s, also in the middle of a quiet exec: the two, and a second of
    // the library's clock for each.
    private static readonly TimeSpan KeepAliveDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(6);

    // The default of 64 KiB holds one stream to a fraction of what loopback carries.
    private const int StreamWindowBytes = 2 * 1024 * 1024;

    private readonly GrpcChannel _channel;
    private readonly AccessToken? _token;

    public GatewayConnection(GatewayTarget target)
    {
        Target = target;
        _token = target.ReadToken();
        var handler = CreateHandler(new GatewayDialer(target.Endpoint));
        Http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        Streams = new HttpMessageInvoker(handler, disposeHandler: false);
        _channel = GrpcChannel.ForAddress(target.Endpoint.Uri, new GrpcChannelOptions
        {
            HttpClient = Http,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
        });
        Client = new OpenShellApi.OpenShellClient(_channel);
        SshAccess = new SshAccess.SshAccessClient(_channel);
    }

    public GatewayTarget Target { get; }

    /// <summary>Selects the workspace of the command in a request.</summary>
    public WorkspaceSelector Scope => new() { Workspace = Target.Workspace };

    public OpenShellApi.OpenShellClient Client { get; }

    /// <summary>Who may come in at the gateway's SSH listener.</summary>
    public SshAccess.SshAccessClient SshAccess { get; }

    /// <summary>The same connection for plain HTTP.</summary>
    public HttpClient Http { get; }

    /// <summary>The same connection for streams of relay frames, which <see cref="Http"/> would read to their end first.</summary>
    public HttpMessageInvoker Streams { get; }

    /// <summary>The bearer token for calls that gRPC does not make; null when there is none to send.</summary>
    public string? Token => _token?.Value;

    /// <summary>Token, time limit and cancellation of a call that answers once.</summary>
    public CallOptions Unary(CancellationToken cancellationToken, TimeSpan? timeout = null) =>
        new(Headers(), DateTime.UtcNow + (timeout ?? UnaryTimeout), cancellationToken);

    /// <summary>Token and cancellation of a call that goes on.</summary>
    public CallOptions Streaming(CancellationToken cancellationToken) => new(Headers(), null, cancellationToken);

    public void Dispose()
    {
        Streams.Dispose();
        _channel.Dispose();
    }

    private Metadata Headers()
    {
        Metadata headers = [];
        if (_token is not null)
        {
            headers.Add("authorization", "Bearer " + _token.Value);
        }

        return headers;
    }

    private static SocketsHttpHandler CreateHandler(GatewayDialer dialer) => new()
    {
        // The token would travel through a proxy that http_proxy names, in the clear.
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectCallback = (_, cancellationToken) => dialer.ConnectAsync(cancellationToken),
        KeepAlivePingDelay = KeepAliveDelay,
        KeepAlivePingTimeout = KeepAliveTimeout,
        InitialHttp2StreamWindowSize = StreamWindowBytes,
    };
}
