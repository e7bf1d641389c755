using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Peers;

namespace OpenShell.Gateway.Compute;

/// <summary>A driver whose machines are entries of a dictionary, on a Unix socket.</summary>
internal sealed class FakeComputeDriver : ComputeDriver.ComputeDriverBase, IAsyncDisposable
{
    private readonly Channel<WatchSandboxesEvent> _events = Channel.CreateUnbounded<WatchSandboxesEvent>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _killed = new();
    private WebApplication? _app;

    /// <summary>Machines by sandbox id; what a Get or List answers.</summary>
    public ConcurrentDictionary<string, DriverSandbox> Machines { get; } = new();

    public ConcurrentQueue<string> Calls { get; } = [];

    /// <summary>What was asked for.</summary>
    public ConcurrentQueue<DriverSandbox> Created { get; } = [];

    /// <summary>Runs before every answer to Get.</summary>
    public Func<Task>? BeforeGet { get; set; }

    /// <summary>Runs before every answer to Create; may throw a refusal.</summary>
    public Func<Task>? BeforeCreate { get; set; }

    /// <summary>Runs before every answer to an orderly Stop, until the machine is killed.</summary>
    public Func<Task>? BeforeStop { get; set; }

    /// <summary>Runs before every answer to a Stop by force; may throw a refusal.</summary>
    public Func<Task>? BeforeKill { get; set; }

    /// <summary>Runs before every answer to Start; may throw a refusal.</summary>
    public Func<Task>? BeforeStart { get; set; }

    /// <summary>Runs before every answer to Delete.</summary>
    public Func<Task>? BeforeDelete { get; set; }

    /// <summary>Runs before the deletion of a workspace is answered.</summary>
    public Func<Task>? BeforeDeleteWorkspace { get; set; }

    public static async Task<FakeComputeDriver> StartAsync(string socket)
    {
        var driver = new FakeComputeDriver();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(driver);
        builder.WebHost.ConfigureKestrel(k => k.ListenUnixSocket(socket, l => l.Protocols = HttpProtocols.Http2));
        driver._app = builder.Build();
        driver._app.MapGrpcService<FakeComputeDriver>();
        await driver._app.StartAsync();
        return driver;
    }

    private T Tell<T>(T answer, string call)
    {
        if (!KnowsWorkspaces)
        {
            throw new RpcException(new Status(StatusCode.Unimplemented, ""));
        }

        Calls.Enqueue(call);
        return answer;
    }

    public DriverSandbox Add(string id, string reason = "Starting") => Machines[id] = new DriverSandbox
    {
        Id = id,
        Name = id,
        Status = new DriverSandboxStatus
        {
            Name = id,
            Conditions = { new DriverCondition { Type = "Ready", Status = "False", Reason = reason, Message = reason } },
        },
    };

    /// <summary>What it says of itself.</summary>
    public GetCapabilitiesResponse Capabilities { get; } = new()
    {
        DriverName = "fake",
        DriverVersion = "1",
        GatewayManagesLifecycle = true,
        Extension = ComputeContract.Describe("fake", "1"),
    };

    /// <summary>What came with the last start.</summary>
    public string? StartToken { get; private set; }

    /// <summary>Runs before every watch; may throw a refusal.</summary>
    public Func<Task>? BeforeWatch { get; set; }

    /// <summary>Adds a machine, or changes one, and tells whoever watches.</summary>
    public void Tell(string id, string reason)
    {
        Add(id, reason);
        _events.Writer.TryWrite(new WatchSandboxesEvent { Sandbox = new WatchSandboxesSandboxEvent { Sandbox = Machines[id] } });
    }

    public override Task<GetCapabilitiesResponse> GetCapabilities(GetCapabilitiesRequest request, ServerCallContext context) =>
        Task.FromResult(Capabilities.Clone());

    /// <summary>One watch at a time: each event goes to one.</summary>
    public override async Task WatchSandboxes(
        WatchSandboxesRequest request, IServerStreamWriter<WatchSandboxesEvent> responseStream, ServerCallContext context)
    {
        Calls.Enqueue("watch");
        await (BeforeWatch?.Invoke() ?? Task.CompletedTask);
        await foreach (var next in _events.Reader.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(next);
        }
    }

    public override Task<ListSandboxesResponse> ListSandboxes(ListSandboxesRequest request, ServerCallContext context) =>
        Task.FromResult(new ListSandboxesResponse { Sandboxes = { Machines.Values } });

    public override async Task<GetSandboxResponse> GetSandbox(GetSandboxRequest request, ServerCallContext context)
    {
        Calls.Enqueue($"get {request.SandboxId}");
        var answer = Machines.GetValueOrDefault(request.SandboxId);
        await (BeforeGet?.Invoke() ?? Task.CompletedTask);
        return answer is null
            ? throw new RpcException(new Status(StatusCode.NotFound, "no such machine"))
            : new GetSandboxResponse { Sandbox = answer };
    }

    public override Task<ValidateSandboxCreateResponse> ValidateSandboxCreate(ValidateSandboxCreateRequest request, ServerCallContext context)
    {
        Calls.Enqueue($"validate {request.Sandbox.Id}");
        return Task.FromResult(new ValidateSandboxCreateResponse());
    }

    /// <summary>Whether it knows of workspaces; a driver need not.</summary>
    public bool KnowsWorkspaces { get; set; }

    public override Task<EnsureWorkspaceResponse> EnsureWorkspace(EnsureWorkspaceRequest request, ServerCallContext context) =>
        Task.FromResult(Tell(new EnsureWorkspaceResponse(), $"ensure {request.Workspace}"));

    public override async Task<DeleteWorkspaceResponse> DeleteWorkspace(DeleteWorkspaceRequest request, ServerCallContext context)
    {
        await (BeforeDeleteWorkspace?.Invoke() ?? Task.CompletedTask);
        return Tell(new DeleteWorkspaceResponse(), $"drop {request.Workspace}");
    }

    public override async Task<CreateSandboxResponse> CreateSandbox(CreateSandboxRequest request, ServerCallContext context)
    {
        Calls.Enqueue($"create {request.Sandbox.Id}");
        Created.Enqueue(request.Sandbox);
        await (BeforeCreate?.Invoke() ?? Task.CompletedTask);
        Add(request.Sandbox.Id);
        return new CreateSandboxResponse();
    }

    public override async Task<StopSandboxResponse> StopSandbox(StopSandboxRequest request, ServerCallContext context)
    {
        Calls.Enqueue($"{(request.Force ? "kill" : "stop")} {request.SandboxId}");
        ThrowIfMissing(request.SandboxId);
        var killed = _killed.GetOrAdd(request.SandboxId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (request.Force)
        {
            await (BeforeKill?.Invoke() ?? Task.CompletedTask);
            killed.TrySetResult();
        }
        else
        {
            await await Task.WhenAny(BeforeStop?.Invoke() ?? Task.CompletedTask, killed.Task);
        }

        Add(request.SandboxId, "DependenciesNotReady").Status.Conditions.Add(new DriverCondition { Type = "Suspended", Status = "True", Reason = "ComputeStopped" });
        return new StopSandboxResponse();
    }

    public override async Task<StartSandboxResponse> StartSandbox(StartSandboxRequest request, ServerCallContext context)
    {
        Calls.Enqueue($"start {request.SandboxId}");
        StartToken = request.SandboxToken;
        await (BeforeStart?.Invoke() ?? Task.CompletedTask);
        ThrowIfMissing(request.SandboxId);
        _killed.TryRemove(request.SandboxId, out _);
        Add(request.SandboxId);
        return new StartSandboxResponse();
    }

    public override async Task<DeleteSandboxResponse> DeleteSandbox(DeleteSandboxRequest request, ServerCallContext context)
    {
        Calls.Enqueue($"delete {request.SandboxId}");
        await (BeforeDelete?.Invoke() ?? Task.CompletedTask);
        return new DeleteSandboxResponse { Deleted = Machines.TryRemove(request.SandboxId, out _) };
    }

    private void ThrowIfMissing(string id)
    {
        if (!Machines.ContainsKey(id))
        {
            throw new RpcException(new Status(StatusCode.NotFound, "no such machine"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
