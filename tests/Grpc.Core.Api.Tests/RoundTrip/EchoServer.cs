using System.Net;
using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenShell.GrpcAbstractions.Generated;

namespace OpenShell.GrpcAbstractions.RoundTrip;

/// <summary>The test services on a port of its own, in this process.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private EchoServer(WebApplication application)
    {
        _application = application;
    }

    public ServerCalls Calls => _application.Services.GetRequiredService<ServerCalls>();

    public static async Task<EchoServer> StartAsync(
        Action<GrpcServiceOptions>? configure = null,
        bool fromDefinition = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton<ServerCalls>();
        builder.Services.AddGrpc(configure ?? (static _ => { }));
        var application = builder.Build();
        if (fromDefinition)
        {
            application.MapGrpcService(services =>
                EchoServiceBase.BindService(new EchoService(services.GetRequiredService<ServerCalls>())));
        }
        else
        {
            application.MapGrpcService<EchoService>();
        }

        application.MapGrpcService<GreeterService>();

        await application.StartAsync();
        return new EchoServer(application);
    }

    public GrpcChannel Connect(GrpcChannelOptions? options = null) =>
        GrpcChannel.ForAddress(_application.Urls.Single(), options ?? new GrpcChannelOptions());

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
