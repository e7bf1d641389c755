using Microsoft.AspNetCore.Connections;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Lifecycle;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Workspaces;
using OpenShell.Linux.Programs;

namespace OpenShell.Gateway.Hosting;

/// <summary>
/// Runs the gateway from its first line to its last. The way down: refuse new work, let sessions and relays go,
/// power the machines off, stop the driver and the listeners; each step bounded.
/// </summary>
internal static class GatewayRunner
{
    private static readonly TimeSpan SandboxStopTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan HostStopTimeout = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(GatewayOptions options, GatewayLimits limits, CancellationToken cancellationToken)
    {
        try
        {
            using var state = StateDirectory.Open(options.StateDirectory);
            using var local = LocalSocket.Take(options.LocalSocket ?? state.LocalSocket);
            await using var app = GatewayHost.Build(options, limits, state, local);
            await RunAsync(app, options, state, local, cancellationToken);
            if (app.Services.GetRequiredService<DriverAdmission>().Refusal is { } refusal)
            {
                await Console.Error.WriteLineAsync($"openshell-gateway: {refusal}");
                return ExitCodes.Failed;
            }

            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is StoreUnavailableException or IOException or UnauthorizedAccessException
            or AddressInUseException or System.Net.Sockets.SocketException)
        {
            await Console.Error.WriteLineAsync($"openshell-gateway: {Explain(e, options)}");
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A defect: whoever wants to know where starts the gateway with --log-level debug.
            var what = options.LogLevel <= LogLevel.Debug ? e.ToString() : $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
            await Console.Error.WriteLineAsync($"openshell-gateway: unexpected error: {what}");
            return ExitCodes.Failed;
        }
    }

    private static async Task RunAsync(
        WebApplication app, GatewayOptions options, StateDirectory state, LocalSocket local, CancellationToken cancellationToken)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("OpenShell.Gateway");
        // Opened here, so that what is wrong with them is said before anything listens.
        _ = app.Services.GetRequiredService<IObjectStore>();
        _ = app.Services.GetRequiredService<Auth.AdminToken>();
        _ = app.Services.GetRequiredService<Auth.SandboxTokens>();
        _ = app.Services.GetRequiredService<Admission.RequestFingerprints>();

        await app.Services.GetRequiredService<WorkspaceDirectory>().EnsureAsync(WorkspaceRecord.Default, cancellationToken);
        await app.Services.GetRequiredService<StartupRecovery>().PrepareAsync(cancellationToken);

        // Before the start: a signal that comes during it is kept until everything can be stopped in order.
        using var signals = new StopSignals();
        await StartAsync(app);
        local.Restrict();
        var supervisors = options.SupervisorListener?.ToString() ?? state.SupervisorSocket;
        HostingLog.Listening(logger, GatewayHost.PublicAddress(app), local.Path, supervisors, ProgramVersion.Text);
        if (options.AllowUnauthenticatedUsers)
        {
            HostingLog.Unauthenticated(logger);
        }

        await signals.WaitAsync(app.Lifetime.ApplicationStopping, cancellationToken);
        HostingLog.ShuttingDown(logger);
        await StopAsync(app, logger);
    }

    // A start that fails half-way leaves loops behind, which have to be told like at any other end.
    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync(CancellationToken.None);
        }
        catch
        {
            app.Lifetime.StopApplication();
            using var timeout = new CancellationTokenSource(HostStopTimeout);
            await app.StopAsync(timeout.Token);
            throw;
        }
    }

    private static async Task StopAsync(WebApplication app, ILogger logger)
    {
        // Sessions first, so that each ends with its reason and not with a broken stream.
        app.Services.GetRequiredService<SessionRegistry>().Stop();
        app.Services.GetRequiredService<RelayBroker>().CloseAll(null, "the gateway is shutting down");
        app.Services.GetRequiredService<GatewayShutdown>().Begin();

        using var sandboxes = new CancellationTokenSource(SandboxStopTimeout);
        try
        {
            await app.Services.GetRequiredService<ShutdownStop>().RunAsync(sandboxes.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or StoreUnavailableException)
        {
            HostingLog.ShutdownIncomplete(logger, SandboxStopTimeout, "sandboxes");
        }

        using var host = new CancellationTokenSource(HostStopTimeout);
        await app.StopAsync(host.Token);

        var relays = app.Services.GetRequiredService<RelayTable>();
        HostingLog.Stopped(logger, app.Services.GetRequiredService<SessionRegistry>().Count, relays.PendingCount, relays.ActiveCount);
    }

    private static string Explain(Exception e, GatewayOptions options) => e.GetBaseException() switch
    {
        // The server's own message names the address: it may be one of the small listeners.
        _ when e is IOException && e.Message.StartsWith("Failed to bind", StringComparison.Ordinal)
            && !e.Message.Contains($":{options.Port}:", StringComparison.Ordinal) =>
            $"{e.Message} (--health-port, --metrics-port, --supervisor-listen)",
        AddressInUseException or System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AddressAlreadyInUse } =>
            $"{options.BindAddress}:{options.Port} is in use; stop what listens there or give another --port",
        System.Net.Sockets.SocketException socket => $"cannot listen on {options.BindAddress}:{options.Port}: {socket.Message}",
        _ => e.Message,
    };
}
