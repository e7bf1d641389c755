using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Http;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Relay;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Relays;

/// <summary>RelayStream over real HTTP/2, called as the supervisor of sandbox "a" does.</summary>
internal sealed class RelayEndpointHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());
    private int _running;

    private RelayEndpointHost(WebApplication app, RelayTable table) => (_app, Table) = (app, table);

    public RelayTable Table { get; }

    public SessionRegistry Sessions { get; } = new(TimeProvider.System);

    public SandboxEventHub Events { get; } = new(TimeProvider.System);

    /// <summary>Requests that the endpoint has not returned from.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>What the endpoint threw.</summary>
    public Exception? Defect { get; private set; }

    private Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<RelayEndpointHost> StartAsync(RelayOptions? options = null, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(next => context => next(Guarded(context)));
        }));
        options ??= new RelayOptions();
        var host = new RelayEndpointHost(builder.Build(), new RelayTable(options, TimeProvider.System));
        var endpoint = new RelayStreamEndpoint(host.Table, host.Sessions, options, new SandboxJournal(host.Events, TimeProvider.System), time ?? TimeProvider.System, NullLogger<RelayStreamEndpoint>.Instance);
        host._app.MapPost(RelayWire.RelayStreamPath, context => host.ServeAsync(endpoint, context));
        await host._app.StartAsync();
        return host;
    }

    public PendingRelay Pending(string sandboxId = "a", TimeSpan age = default)
    {
        var pending = new PendingRelay(sandboxId, new ExecTarget(), "exec", Stopwatch.GetTimestamp() - (long)(age.TotalSeconds * Stopwatch.Frequency));
        Assert.That(Table.TryAdd(pending), Is.Null);
        return pending;
    }

    public Task<RelayConnection> ClaimAsync(string channelId, bool peerKnowsEndOfStream = true) =>
        RelayClient.OpenAsync(_http, Address, "token", channelId, peerKnowsEndOfStream, CancellationToken.None);

    /// <summary>Calls with any body; the answer is its status and message.</summary>
    public async Task<string> CallAsync(byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, RelayWire.RelayStreamPath))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        using var response = await _http.SendAsync(request, CancellationToken.None);
        return response.StatusCode == HttpStatusCode.OK
            ? $"{response.Headers.GetValues("grpc-status").Single()} {Uri.UnescapeDataString(response.Headers.GetValues("grpc-message").Single())}"
            : $"HTTP {(int)response.StatusCode}";
    }

    /// <summary>A connection that sends frames as it is told.</summary>
    public Task<RawHttp2> ConnectRawAsync() => RawHttp2.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Address.Port));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private static ConnectionContext Guarded(ConnectionContext context)
    {
        var peers = new ConnectionRegistry(new ConnectionOptions(), new DescriptorBudget(10, 0), TimeProvider.System);
        peers.TryAdd(context);
        var peer = context.Features.Get<PeerConnection>()!;
        peer.Authenticate(new UserPrincipal("admin", "test"));
        var resets = new StreamResets();
        context.Features.Set(resets);
        context.Transport = new GuardedTransport(
            context.Transport, new GuardedInput(context.Transport.Input, peer, new FrameAllowance(TimeProvider.System), new ResetRewriter(resets)));
        return context;
    }

    private async Task ServeAsync(RelayStreamEndpoint endpoint, HttpContext context)
    {
        Interlocked.Increment(ref _running);
        context.SetPrincipal(new SandboxPrincipal("a", 1, DateTimeOffset.MaxValue));
        try
        {
            await endpoint.ServeAsync(context);
        }
        catch (Exception e)
        {
            Defect = e;
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
