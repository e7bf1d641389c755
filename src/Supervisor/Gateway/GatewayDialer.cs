using System.Net.Sockets;
using Grpc.Net.Client;
using OpenShell.Protocol;

namespace OpenShell.Supervisor.Gateway;

/// <summary>Makes HTTP/2 connections to the gateway's supervisor endpoint.</summary>
internal sealed class GatewayDialer(DialEndpoint endpoint)
{
    // Only the authority of requests; what is dialled is the endpoint.
    public static readonly Uri BaseAddress = new("http://openshell-gateway");

    // 48 relays at most share a connection (RelayConnections), and its window is fixed at 64 MiB: no relay that is not
    // read can hold up another.
    private const int StreamWindowBytes = 1024 * 1024;

    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(2);

    /// <summary>One connection for all that goes through it, made anew when it has broken.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
            new NetworkStream(await endpoint.ConnectAsync(cancellationToken), ownsSocket: true),
        ConnectTimeout = DialTimeout,
        EnableMultipleHttp2Connections = false,
        InitialHttp2StreamWindowSize = StreamWindowBytes,
        KeepAlivePingDelay = PingDelay,
        KeepAlivePingTimeout = PingTimeout,
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        PooledConnectionIdleTimeout = IdleTimeout,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
    };

    /// <summary>A gRPC channel with a connection of its own. Disposing it closes the connection.</summary>
    public GrpcChannel CreateChannel() => GrpcChannel.ForAddress(BaseAddress, new GrpcChannelOptions
    {
        HttpHandler = CreateHandler(),
        DisposeHttpClient = true,
        ThrowOperationCanceledOnCancellation = true,
    });
}
