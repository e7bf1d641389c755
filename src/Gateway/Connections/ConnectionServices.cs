using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Http;

namespace OpenShell.Gateway.Connections;

/// <summary>Puts what looks after connections in its places.</summary>
internal static class ConnectionServices
{
    // What the transport reads ahead of the server; a connection without a token may make us hold it. Eight blocks are
    // as good as the default of 32 for a relay: the server takes one at a time.
    private const int ReadAheadBytes = 256 * 1024;

    /// <summary>After the web server's own services: of the transports that it finds, it takes the last.</summary>
    public static IServiceCollection AddConnections(
        this IServiceCollection services, ConnectionOptions options, int maxRelaysPerSandbox, bool ssh) => services
        .Configure<SocketTransportOptions>(socket => socket.MaxReadBufferSize = ReadAheadBytes)
        .AddSingleton(options)
        .AddSingleton(_ => DescriptorBudget.Of(options, ssh))
        .AddSingleton<ConnectionRegistry>()
        .AddSingleton(p => new SandboxCalls(maxRelaysPerSandbox, p.GetRequiredService<TimeProvider>()))
        .AddHostedService<IdleConnectionLoop>()
        .AddSingleton<IConnectionListenerFactory>(p => new GuardedListeners(
            ActivatorUtilities.CreateInstance<SocketTransportFactory>(p), p.GetRequiredService<ConnectionRegistry>()));

    /// <summary>Looks at what comes in over a listener, and gives its connections' places back.</summary>
    public static void Guard(this ListenOptions listen, ListenerKind kind)
    {
        var connections = listen.ApplicationServices.GetRequiredService<ConnectionRegistry>();
        var time = listen.ApplicationServices.GetRequiredService<TimeProvider>();
        var isHttp2 = listen.Protocols == HttpProtocols.Http2;
        listen.Use(next => async context =>
        {
            ConnectionMetrics.Accepted(kind);
            var peer = context.Features.Get<PeerConnection>()!;
            try
            {
                if (isHttp2)
                {
                    peer.SpeaksHttp2 = true;
                    var resets = new StreamResets();
                    context.Features.Set(resets);
                    var input = new GuardedInput(context.Transport.Input, peer, new FrameAllowance(time), new ResetRewriter(resets));
                    context.Transport = new GuardedTransport(context.Transport, input);
                }

                await next(context);
            }
            finally
            {
                connections.Remove(peer);
            }
        });
    }
}
