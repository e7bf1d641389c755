using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OpenShell.Protocol.Relay;

/// <summary>A real HTTP/2 endpoint with nothing of the gateway behind it: each test says how RelayStream is answered.</summary>
internal sealed class RelayServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SocketsHttpHandler _handler = new() { EnableMultipleHttp2Connections = true };

    private RelayServer(WebApplication app) => (_app, Http) = (app, new HttpMessageInvoker(_handler));

    public HttpMessageInvoker Http { get; }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<RelayServer> StartAsync(Func<HttpContext, RelayFrameReader, RelayFrameWriter, Task> serve)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapPost(RelayWire.RelayStreamPath, context =>
            serve(context, new RelayFrameReader(context.Request.BodyReader), new RelayFrameWriter(context.Response.BodyWriter)));
        await app.StartAsync();
        return new RelayServer(app);
    }

    public Task<RelayConnection> OpenAsync(
        string channelId = "channel-1", bool peerKnowsEndOfStream = true, CancellationToken cancellationToken = default) =>
        RelayClient.OpenAsync(Http, Address, "token-1", channelId, peerKnowsEndOfStream, cancellationToken);

    /// <summary>Reads the claim and answers the headers.</summary>
    public static async Task<string?> AcceptAsync(HttpContext context, RelayFrameReader reader)
    {
        var init = await reader.ReadAsync(context.RequestAborted);
        reader.Advance();
        context.Response.ContentType = "application/grpc";
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        return init.ChannelId;
    }

    public static void Trailers(HttpContext context, string status, string message = "")
    {
        var trailers = context.Features.Get<IHttpResponseTrailersFeature>()!.Trailers;
        trailers["grpc-status"] = status;
        trailers["grpc-message"] = message;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _handler.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
