using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenShell.Driver.Kit.Watch;
using OpenShell.Linux.Processes;
using OpenShell.Logging;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Kit.Hosting;

/// <summary>How a driver serves.</summary>
public sealed record DriverServerOptions
{
    /// <summary>The Unix socket, absolute.</summary>
    public required string SocketPath { get; init; }

    /// <summary>What is less important is left out.</summary>
    public required LogLevel LogLevel { get; init; }

    /// <summary>End, leaving the sandboxes running, when standard input ends: it is held open by the gateway.</summary>
    public required bool EndWithStandardInput { get; init; }
}

/// <summary>
/// The process of a driver: serves the compute contract on a Unix socket that this user's processes alone can use, until a
/// signal or the end of the lifeline.
/// </summary>
/// <remarks>
/// 1. <see cref="PrepareAsync"/>: whether the socket can be had.
/// 2. <see cref="Build{TService}"/>: the driver's services.
/// 3. The driver finds again what an earlier one has left.
/// 4. <see cref="RunAsync"/>: serves.
/// </remarks>
public static class DriverServer
{
    // Longer than a machine that is being started is waited for.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Leaves the gateway's terminal and makes the socket's path free.</summary>
    /// <returns>What stands in the way; null if nothing does.</returns>
    public static Task<Failure?> PrepareAsync(DriverServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.EndWithStandardInput)
        {
            // Ctrl-C is for the gateway, which still needs us to stop the sandboxes.
            _ = CurrentProcess.NewSession();
        }

        return DriverSocket.PrepareAsync(options.SocketPath);
    }

    /// <typeparam name="TService">The driver's side of the contract.</typeparam>
    /// <param name="addDriver">Adds what the service needs; there are a clock and a <see cref="WatchHub"/> already.</param>
    public static WebApplication Build<TService>(DriverServerOptions options, Action<IServiceCollection> addDriver)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(addDriver);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(options.LogLevel)
            // Requests are the gateway's to log.
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical)
            .AddFilter("Grpc", LogLevel.Warning)
            .AddHarmlessConsole();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<DriverLog>().AddSingleton<WatchHub>();
        addDriver(builder.Services);
        if (options.EndWithStandardInput)
        {
            builder.Services.AddHostedService<Lifeline>();
        }

        builder.WebHost.UseKestrelCore().ConfigureKestrel((_, kestrel) => kestrel.ListenUnixSocket(options.SocketPath, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(new PeerCheck(kestrel.ApplicationServices.GetRequiredService<DriverLog>()).Wrap);
        }));
        var app = builder.Build();
        app.MapGrpcService<TService>();
        return app;
    }

    /// <summary>Serves until a signal or the end of the lifeline.</summary>
    /// <param name="known">How many sandboxes there are, for the log.</param>
    public static async Task RunAsync(WebApplication app, DriverServerOptions options, int known, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(options);

        // Watches would keep the server from ending.
        var hub = app.Services.GetRequiredService<WatchHub>();
        app.Lifetime.ApplicationStopping.Register(hub.Dispose);
        if (!await StartAsync(app, cancellationToken))
        {
            return;
        }

        DriverSocket.Close(options.SocketPath);
        app.Services.GetRequiredService<DriverLog>().Ready(options.SocketPath, known);
        await app.WaitForShutdownAsync(cancellationToken);
    }

    /// <returns>False if the driver was told to end while it started; what had started is stopped then.</returns>
    private static async Task<bool> StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await app.StopAsync(CancellationToken.None);
            return false;
        }
    }
}
