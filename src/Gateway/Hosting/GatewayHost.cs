using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Forwarding;
using OpenShell.Gateway.Http;
using OpenShell.Gateway.Memory;
using OpenShell.Gateway.Observability;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Services;
using OpenShell.Linux.Sockets;
using OpenShell.Logging;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Hosting;

/// <summary>Puts the web application together: listeners, middleware, endpoints.</summary>
internal static class GatewayHost
{
    public static WebApplication Build(GatewayOptions options, GatewayLimits limits, StateDirectory state, LocalSocket local)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(options.LogLevel);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Warning);
        // Defects of services are logged by ErrorInterceptor. What is left is a peer that goes in the middle of its
        // request, such as a guest that is powered off while it reports; the library takes that for an error.
        builder.Logging.AddFilter("Grpc.AspNetCore.Server.ServerCallHandler", LogLevel.Critical);
        // Why a start failed is said in one line by GatewayRunner; left to the host is only the death of a loop.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical);
        // Once for every probe; a failed check that is a defect is logged by the check itself.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Logging.AddHarmlessConsole();
        builder.Services.AddGateway(options, limits, state);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options, state, local));
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, PinnedBlockMemoryPool>();
        builder.Services.AddConnections(
            limits.Connections, limits.Relays.MaxActivePerSandbox + limits.Relays.MaxPendingPerSandbox, options.SshBind is not null);

        var app = builder.Build();
        app.UseMiddleware<ShutdownMiddleware>();
        app.UseMiddleware<AuthMiddleware>();
        app.UseMiddleware<PeerMiddleware>();
        app.UseMiddleware<RequestBodyMiddleware>();
        app.UseMiddleware<UnbuiltMiddleware>();
        app.MapPost(RelayWire.RelayStreamPath, static context =>
                context.RequestServices.GetRequiredService<RelayStreamEndpoint>().ServeAsync(context))
            // Before the gRPC library's endpoint for the same path.
            .WithOrder(-1);
        app.MapPost(RelayWire.ForwardTcpPath, static context =>
                context.RequestServices.GetRequiredService<ForwardTcpEndpoint>().ServeAsync(context))
            .WithOrder(-1);
        app.MapGrpcService<OpenShellService>();
        app.MapGrpcService<ExecService>().Add(ExecService.Order);
        app.MapGrpcService<SshAccessService>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        app.MapHealth();
        FeatureMetrics.Declare();
        app.StartObservability(options);
        return app;
    }

    /// <summary>The address that the public listener got.</summary>
    public static string PublicAddress(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private static void Listen(KestrelServerOptions kestrel, GatewayOptions options, StateDirectory state, LocalSocket local)
    {
        kestrel.Listen(options.BindAddress, options.Port, listen => Mark(listen, ListenerKind.Public, HttpProtocols.Http2));
        var logger = kestrel.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(LocalListener).FullName!);
        kestrel.Listen(local.EndPoint, listen =>
        {
            Mark(listen, ListenerKind.Local, HttpProtocols.Http2);
            listen.Use(next => new LocalListener(next, logger).ServeAsync);
        });
        kestrel.Listen(SupervisorEndPoint(options, state), listen => Mark(listen, ListenerKind.Supervisor, HttpProtocols.Http2));
        if (options.HealthPort is { } health)
        {
            kestrel.Listen(IPAddress.Loopback, health, listen => Mark(listen, ListenerKind.Health, HttpProtocols.Http1));
        }

        if (options.MetricsPort is { } metrics)
        {
            kestrel.Listen(IPAddress.Loopback, metrics, listen => Mark(listen, ListenerKind.Metrics, HttpProtocols.Http1));
        }
    }

    // Supervisors show their tokens to whoever listens there.
    private static EndPoint SupervisorEndPoint(GatewayOptions options, StateDirectory state) => options.SupervisorListener switch
    {
        null => StateDirectory.PrepareSocket(state.SupervisorSocket),
        UnixDomainSocketEndPoint socket when SocketDirectory.FindFault(socket.ToString()) is { } fault =>
            throw new IOException($"--supervisor-listen cannot be unix:{socket}: {fault}; or give another one"),
        var given => given,
    };

    private static void Mark(ListenOptions listen, ListenerKind kind, HttpProtocols protocols)
    {
        listen.Protocols = protocols;
        var feature = new ListenerFeature(kind);
        listen.Guard(kind);
        listen.Use(next => context =>
        {
            context.Features.Set(feature);
            if (kind == ListenerKind.Supervisor)
            {
                context.Features.Set(new ValidatedTokenCache());
            }

            return next(context);
        });
    }
}
