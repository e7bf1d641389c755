using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Exec;
using OpenShell.Gateway.Forwarding;
using OpenShell.Gateway.Http;
using OpenShell.Gateway.Lifecycle;
using OpenShell.Gateway.Memory;
using OpenShell.Gateway.Observability;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Services;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Ssh;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Supervisors;
using OpenShell.Gateway.Watch;
using OpenShell.Gateway.Workspaces;

namespace OpenShell.Gateway.Hosting;

/// <summary>What the gateway is made of, feature by feature.</summary>
internal static class GatewayServices
{
    public static IServiceCollection AddGateway(
        this IServiceCollection services, GatewayOptions options, GatewayLimits limits, StateDirectory state)
    {
        services.AddSingleton(options).AddSingleton(state);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IHostLifetime, SignalFreeLifetime>();
        services.AddSingleton<GatewayShutdown>();
        return services
            .AddStore(options, state)
            .AddIdentity(options, state)
            .AddSessions(options, limits)
            .AddSandboxes(options)
            .AddForwarding(limits)
            .AddSsh()
            .AddCompute(options, state)
            .AddObservability(options)
            .AddApi(limits);
    }

    private static IServiceCollection AddStore(this IServiceCollection services, GatewayOptions options, StateDirectory state) => services
        .AddSingleton(new StoreReserve(options.Database.Path is { } path ? path + ".reserve" : null))
        .AddSingleton<IObjectStore>(p => new SqliteStore(
            options.Database,
            LostDatabase.FindTraces(
                options, Path.Combine(state.Path, SandboxTokens.KeyFileName), p.GetService<DriverLaunchOptions>()?.StateDirectory),
            p.GetRequiredService<StoreReserve>()))
        .AddSingleton<IRequestStore>(p => (SqliteStore)p.GetRequiredService<IObjectStore>())
        .AddHostedService<StoreReserveLoop>()
        .AddSingleton<SandboxStore>()
        .AddSingleton<WorkspaceStore>()
        .AddSingleton<WorkspaceDirectory>()
        .AddSingleton<SandboxDirectory>()
        .AddSingleton(p => p.GetRequiredService<SandboxStore>().Boots);

    private static IServiceCollection AddIdentity(this IServiceCollection services, GatewayOptions options, StateDirectory state) => services
        .AddSingleton(p => new AdminToken(state.Path, p.GetRequiredService<ILogger<AdminToken>>()))
        .AddHostedService<AdminTokenWatch>()
        .AddSingleton(p => new SandboxTokens(state.Path, p.GetRequiredService<TimeProvider>(), options.SandboxTokenLifetime));

    private static IServiceCollection AddSessions(this IServiceCollection services, GatewayOptions options, GatewayLimits limits) => services
        .AddSingleton(new SupervisorSessionOptions(options.HeartbeatInterval))
        .AddSingleton<SessionClock>()
        .AddSingleton<SupervisorAdmission>()
        .AddSingleton<SessionLoops>()
        .AddSingleton<SessionNotes>()
        .AddSingleton<SupervisorSessionHandler>()
        .AddHostedService(p => p.GetRequiredService<SessionClock>())
        .AddHostedService<IdleHeapTrimmer>()
        .AddSingleton(limits.Relays)
        .AddSingleton<RelayTurns>()
        .AddSingleton<SessionRegistry>()
        .AddSingleton<RelayTable>()
        .AddSingleton<RelayBroker>()
        .AddSingleton<RelayStreamEndpoint>()
        .AddSingleton<ExecLauncher>();

    private static IServiceCollection AddSandboxes(this IServiceCollection services, GatewayOptions options) => services
        .AddSingleton<SandboxEventHub>()
        .AddSingleton<SandboxJournal>()
        .AddSingleton<SandboxLocks>()
        .AddSingleton<DriverStatusCache>()
        .AddSingleton(new LifeOptions
        {
            ProvisioningTimeout = options.ProvisioningTimeout,
            RestartDelay = options.RestartDelay,
            MaxRestartDelay = options.MaxRestartDelay,
            RestartReset = options.RestartReset,
        })
        .AddSingleton<SandboxLife>()
        .AddSingleton<SandboxDeadlines>()
        .AddSingleton<StatePublisher>()
        .AddSingleton<ReadinessController>()
        .AddSingleton<SandboxNotes>()
        .AddSingleton<SandboxTransitions>()
        .AddSingleton<SandboxTimekeeper>()
        .AddSingleton<SandboxCreator>()
        .AddSingleton<SandboxLifecycle>()
        .AddSingleton<WorkspaceLifecycle>()
        .AddSingleton<SandboxReconciler>()
        .AddSingleton<DriverComparison>()
        .AddSingleton<StartupRecovery>()
        .AddSingleton<ShutdownStop>()
        .AddSingleton<StrayMachines>();

    private static IServiceCollection AddForwarding(this IServiceCollection services, GatewayLimits limits) => services
        .AddSingleton(limits.SshAccess)
        .AddSingleton<AccessLeases>()
        .AddSingleton<SshAccessStore>()
        .AddSingleton<SshAccessTokens>()
        .AddSingleton<ForwardTcpEndpoint>()
        .AddSingleton<SshAccessReaper>()
        .AddHostedService(p => p.GetRequiredService<SshAccessReaper>());

    private static IServiceCollection AddSsh(this IServiceCollection services) => services
        .AddSingleton<SshKeyStore>()
        .AddSingleton<SshAttempts>()
        .AddSingleton<SshAdmission>()
        .AddSingleton<RelaySshHandlerFactory>()
        .AddSingleton<SshConnectionNotes>()
        .AddSingleton<SshAuthenticatorFactory>()
        .AddSingleton<SshGateway>()
        .AddHostedService(p => p.GetRequiredService<SshGateway>());

    private static IServiceCollection AddCompute(this IServiceCollection services, GatewayOptions options, StateDirectory state)
    {
        var socket = options.ComputeDriverSocket ?? state.DriverSocket;
        services.AddSingleton(new DriverSocket(socket)).AddSingleton<DriverClient>().AddSingleton<DriverAdmission>();
        services.AddHostedService(p => p.GetRequiredService<DriverAdmission>());
        if (options.ComputeDriverSocket is null)
        {
            services.AddSingleton(DriverLaunchOptions.From(options, state));
            services.AddHostedService<DriverProcess>();
        }

        services.AddSingleton<StartupRecoveryLoop>();
        services.AddHostedService(p => p.GetRequiredService<StartupRecoveryLoop>());
        services.AddSingleton<ReconcileLoop>();
        services.AddHostedService(p => p.GetRequiredService<ReconcileLoop>());
        services.AddHostedService<DriverWatchLoop>();
        services.AddHostedService<SandboxDeadlineLoop>();
        return services;
    }

    private static IServiceCollection AddApi(this IServiceCollection services, GatewayLimits limits)
    {
        services
            .AddSingleton(limits.Watches)
            .AddSingleton(MethodSizes.OfRequests())
            .AddSingleton(DeclaredMethods.Table())
            .AddSingleton<RequestMemory>()
            .AddSingleton<SandboxApi>()
            .AddSingleton<ExecApi>()
            .AddSingleton<WatchApi>()
            .AddSingleton<LogApi>()
            .AddSingleton<SupervisorApi>()
            .AddSingleton<SandboxConfigApi>()
            .AddSingleton<GatewayInfoApi>()
            .AddSingleton<SshSessionApi>()
            .AddSingleton<WorkspaceApi>()
            .AddSingleton<WorkspaceMemberApi>()
            .AddSingleton<OpenShellService>()
            .AddSingleton<ExecService>()
            .AddSingleton<SshAccessService>()
            .AddSingleton<HealthWatchLimit>()
            .AddSingleton<ErrorInterceptor>()
            .AddMutations();
        services.AddGrpc(grpc =>
            {
                grpc.Interceptors.Add<ErrorInterceptor>();
                grpc.Interceptors.Add<HealthWatchLimit>();
                grpc.Interceptors.Add<MutationInterceptor>();
            })
            .AddServiceOptions<ExecService>(exec => exec.MaxReceiveMessageSize = RequestSizes.Exec);
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks(health =>
            {
                health.Services.Map("openshell.v1.OpenShell", _ => true);
                health.Services.Map("grpc.health.v1.Health", _ => true);
            })
            .AddCheck<DatabaseHealthCheck>(HealthEndpoints.Database);
        // For the watches of the health service: the database is asked once in this time for all of them, and if there is none.
        services.Configure<HealthCheckPublisherOptions>(watch => (watch.Delay, watch.Period) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)));
        services.RemoveAll(typeof(IServiceMethodProvider<>));
        services.AddSingleton(typeof(IServiceMethodProvider<>), typeof(CheckedMessages<>));
        // Streams of this API live for days and are as slow as the people behind them.
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A probe has no more to say; gRPC's headers may come in pieces, too.
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 5000;
            kestrel.Limits.Http2.InitialStreamWindowSize = 2 * 1024 * 1024;
            // Never smaller than the streams it carries: a supervisor opens another connection past 48 relays.
            kestrel.Limits.Http2.InitialConnectionWindowSize = 128 * 1024 * 1024;
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(20);
            kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        });
        return services;
    }
}
