using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OpenShell.TestKit;

/// <summary>
/// A compute driver whose machines are real supervisors on this host, each PID 1 of a PID namespace of its own.
/// It serves the driver's contract on a Unix socket, for a gateway with --compute-driver-socket.
/// </summary>
public sealed class HostDriver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HostDriver(WebApplication app, HostDriverService service, string socket) =>
        (_app, Service, Socket) = (app, service, socket);

    /// <summary>Where it listens.</summary>
    public string Socket { get; }

    /// <summary>Its machines.</summary>
    public HostDriverService Service { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="directory">Holds the socket and the configurations.</param>
    /// <param name="endpoint">Where supervisors find the gateway; null is its socket in the directory.</param>
    /// <param name="networkNamespace">Where supervisors run; null is the host's.</param>
    public static async Task<HostDriver> StartAsync(TestDirectory directory, string? endpoint = null, string? networkNamespace = null)
    {
        var socket = directory.File("driver.sock");
        File.Delete(socket);
        var service = new HostDriverService(
            directory.Path, endpoint ?? $"unix:{directory.File("gateway/run/supervisor.sock")}", networkNamespace);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(service);
        builder.WebHost.ConfigureKestrel(k => k.ListenUnixSocket(socket, l => l.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapGrpcService<HostDriverService>();
        await app.StartAsync();
        return new HostDriver(app, service, socket);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Service.KillAll();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(timeout.Token);
        await _app.DisposeAsync();
    }
}
