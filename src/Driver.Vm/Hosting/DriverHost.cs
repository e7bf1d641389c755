using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Events;
using OpenShell.Driver.Vm.Machines;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Services;
using OpenShell.Linux.Processes;
using OpenShell.Linux.Programs;
using OpenShell.Linux.Sockets;
using OpenShell.Logging;

namespace OpenShell.Driver.Vm.Hosting;

/// <summary>The driver process: finds its machines again, serves, and lets go of them when it ends.</summary>
internal static class DriverHost
{
    /// <summary>Runs until a signal or the end of the lifeline.</summary>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(DriverOptions options, CancellationToken cancellationToken)
    {
        if (options.EndWithStandardInput)
        {
            // Away from the gateway's terminal: Ctrl-C is for the gateway, which still needs us to stop the machines.
            _ = CurrentProcess.NewSession();
        }

        var layout = new StateLayout(options.StateDirectory);
        if (layout.FindProblem() is { } tooDeep)
        {
            return await ReportAsync(new StartProblem(ExitCodes.Usage, tooDeep));
        }

        if (await DriverSocket.PrepareAsync(options.SocketPath) is { } problem)
        {
            return await ReportAsync(problem);
        }

        layout.Create();
        using var stateLock = StateLock.TryTake(layout);
        if (stateLock is null)
        {
            return await ReportAsync(new StartProblem(ExitCodes.Unavailable, $"another driver uses the state directory '{layout.Root}'"));
        }

        await using var app = Build(options, layout);
        await ServeAsync(app, options.SocketPath, cancellationToken);
        return ExitCodes.Ok;
    }

    public static async Task<int> ReportAsync(StartProblem problem)
    {
        await Console.Error.WriteLineAsync($"openshell-driver-vm: {problem.Message}");
        return problem.ExitCode;
    }

    private static WebApplication Build(DriverOptions options, StateLayout layout)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(options.LogLevel)
            // Requests are the gateway's to log.
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical)
            .AddFilter("Grpc", LogLevel.Warning)
            .AddHarmlessConsole();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        builder.Services.AddDriver(options, layout);
        if (options.EndWithStandardInput)
        {
            builder.Services.AddHostedService<Lifeline>();
        }

        builder.WebHost.UseKestrelCore().ConfigureKestrel((_, kestrel) => kestrel.ListenUnixSocket(options.SocketPath, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            var check = new PeerCheck(UnixPeer.CurrentUser, kestrel.ApplicationServices.GetRequiredService<HostingLog>());
            listen.Use(check.Wrap);
        }));
        var app = builder.Build();
        app.MapGrpcService<ComputeDriverService>();
        return app;
    }

    private static async Task ServeAsync(WebApplication app, string socketPath, CancellationToken cancellationToken)
    {
        var registry = app.Services.GetRequiredService<MachineRegistry>();
        await app.Services.GetRequiredService<MachineAdopter>().AdoptAllAsync(cancellationToken);

        // Watches would keep the server from ending.
        var hub = app.Services.GetRequiredService<EventHub>();
        app.Lifetime.ApplicationStopping.Register(hub.Dispose);
        if (!await StartAsync(app, cancellationToken))
        {
            return;
        }

        DriverSocket.Close(socketPath);
        var count = registry.List().Count;
        app.Services.GetRequiredService<HostingLog>().Ready(socketPath, count);
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
