using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Peers;

namespace OpenShell.Load;

/// <summary>A compute driver without machines: it hands every sandbox, with its token, to the load program.</summary>
internal sealed class LoadDriver(Action<DriverSandbox> created) : ComputeDriver.ComputeDriverBase
{
    private readonly ConcurrentDictionary<string, DriverSandbox> _sandboxes = new();

    /// <summary>Serves it on a Unix socket.</summary>
    public static async Task<WebApplication> StartAsync(string socket, Action<DriverSandbox> created)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        // Signals are for the run, which the host would keep them from.
        builder.Services.AddSingleton<IHostLifetime, SignalFreeLifetime>();
        builder.Services.AddSingleton(new LoadDriver(created));
        builder.WebHost.ConfigureKestrel(k => k.ListenUnixSocket(socket, l => l.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapGrpcService<LoadDriver>();
        await app.StartAsync();
        return app;
    }

    public override Task<GetCapabilitiesResponse> GetCapabilities(GetCapabilitiesRequest request, ServerCallContext context) =>
        Task.FromResult(new GetCapabilitiesResponse
        {
            DriverName = "load",
            DriverVersion = "1",
            GatewayManagesLifecycle = true,
            Extension = ComputeContract.Describe("load", "1"),
        });

    public override Task<ValidateSandboxCreateResponse> ValidateSandboxCreate(ValidateSandboxCreateRequest request, ServerCallContext context) =>
        Task.FromResult(new ValidateSandboxCreateResponse());

    public override Task<CreateSandboxResponse> CreateSandbox(CreateSandboxRequest request, ServerCallContext context)
    {
        _sandboxes[request.Sandbox.Id] = request.Sandbox;
        created(request.Sandbox);
        return Task.FromResult(new CreateSandboxResponse());
    }

    public override Task<GetSandboxResponse> GetSandbox(GetSandboxRequest request, ServerCallContext context) =>
        Task.FromResult(_sandboxes.TryGetValue(request.SandboxId, out var sandbox)
            ? new GetSandboxResponse { Sandbox = Describe(sandbox) }
            : throw new RpcException(new Status(StatusCode.NotFound, $"no sandbox {request.SandboxId}")));

    public override Task<ListSandboxesResponse> ListSandboxes(ListSandboxesRequest request, ServerCallContext context) =>
        Task.FromResult(new ListSandboxesResponse { Sandboxes = { _sandboxes.Values.Select(Describe) } });

    public override Task<StopSandboxResponse> StopSandbox(StopSandboxRequest request, ServerCallContext context) =>
        Task.FromResult(new StopSandboxResponse());

    public override Task<DeleteSandboxResponse> DeleteSandbox(DeleteSandboxRequest request, ServerCallContext context) =>
        Task.FromResult(new DeleteSandboxResponse { Deleted = _sandboxes.TryRemove(request.SandboxId, out _) });

    public override async Task WatchSandboxes(
        WatchSandboxesRequest request, IServerStreamWriter<WatchSandboxesEvent> responseStream, ServerCallContext context)
    {
        foreach (var sandbox in _sandboxes.Values)
        {
            await responseStream.WriteAsync(new WatchSandboxesEvent { Sandbox = new WatchSandboxesSandboxEvent { Sandbox = Describe(sandbox) } });
        }

        await Task.Delay(Timeout.Infinite, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static DriverSandbox Describe(DriverSandbox sandbox) => new()
    {
        Id = sandbox.Id,
        Name = sandbox.Name,
        Workspace = sandbox.Workspace,
        Status = new DriverSandboxStatus
        {
            Name = sandbox.Name,
            Conditions = { new DriverCondition { Type = "Ready", Status = "False", Reason = "Starting", Message = "running" } },
        },
    };

    private sealed class SignalFreeLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
