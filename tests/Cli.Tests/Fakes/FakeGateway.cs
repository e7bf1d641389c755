using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;
using OpenShellApi = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.Cli.Tests.Fakes;

/// <summary>A gateway over real HTTP/2 on a free port, whose answers a test sets.</summary>
internal sealed partial class FakeGateway : OpenShellApi.OpenShellBase, IAsyncDisposable
{
    // The smallest that HTTP/2 has: a sender that nobody reads from is stuck soon.
    private const int SmallestWindow = 65535;

    private WebApplication? _app;
    private int _watches;

    public string Endpoint { get; private set; } = "";

    public List<Sandbox> Sandboxes { get; } = [];

    /// <summary>Its other service.</summary>
    public FakeSshAccess SshAccess { get; } = new();

    /// <summary>What GetSandboxLogs answers.</summary>
    public List<SandboxLogLine> Logs { get; } = [];

    /// <summary>What was asked for, in order.</summary>
    public ConcurrentQueue<object> Requests { get; } = [];

    /// <summary>The authorization header of every call but Health.</summary>
    public ConcurrentQueue<string?> Authorizations { get; } = [];

    public string? RequiredToken { get; set; }

    /// <summary>Thrown by every call but Health.</summary>
    public Status? Failure { get; set; }

    public bool HealthIsUnimplemented { get; set; }

    public int HealthzStatus { get; set; } = StatusCodes.Status200OK;

    public SandboxPhase PhaseOfCreated { get; set; } = SandboxPhase.Provisioning;

    /// <summary>Plays one watch; the number counts them from 1.</summary>
    public Func<int, IServerStreamWriter<SandboxStreamEvent>, ServerCallContext, Task> Watch { get; set; } = (_, _, _) => Task.CompletedTask;

    public Func<ExecSandboxRequest, IAsyncStreamReader<ExecSandboxInput>, IServerStreamWriter<ExecSandboxEvent>, ServerCallContext, Task> Exec { get; set; } =
        (_, _, events, _) => events.WriteAsync(ExecEvents.Exit(0));

    /// <param name="socketPath">Listens there, too.</param>
    public static async Task<FakeGateway> StartAsync(string? socketPath = null)
    {
        var gateway = new FakeGateway();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            if (socketPath is not null)
            {
                options.ListenUnixSocket(socketPath, listen => listen.Protocols = HttpProtocols.Http2);
            }

            options.Limits.Http2.InitialStreamWindowSize = SmallestWindow;
        });
        builder.Services.AddGrpc(options => options.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(gateway);
        builder.Services.AddSingleton(gateway.SshAccess);
        gateway._app = builder.Build();
        gateway._app.MapGrpcService<FakeGateway>();
        gateway._app.MapGrpcService<FakeSshAccess>();
        gateway._app.MapGet("/healthz", () => Results.StatusCode(gateway.HealthzStatus));
        await gateway._app.StartAsync();
        gateway.Endpoint = gateway._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return gateway;
    }

    /// <summary>The selector that a command line without options sends.</summary>
    public static WorkspaceSelector DefaultScope => new() { Workspace = "default" };

    public static Sandbox NewSandbox(string name, SandboxPhase phase = SandboxPhase.Ready) => new()
    {
        Metadata = new ObjectMeta { Id = "id-" + name, Name = name, Workspace = "default", CreatedTime = new Timestamp { Seconds = 1_700_000_000 }, ResourceVersion = 7 },
        Spec = new SandboxSpec { Template = new SandboxTemplate { Image = "tiny" } },
        Status = new SandboxStatus { Phase = phase },
    };

    public T Request<T>() => Requests.OfType<T>().Last();

    public Sandbox Add(string name, SandboxPhase phase = SandboxPhase.Ready)
    {
        var sandbox = NewSandbox(name, phase);
        Sandboxes.Add(sandbox);
        return sandbox;
    }

    /// <summary>What it says of itself.</summary>
    public GetGatewayInfoResponse Info { get; } = new();

    /// <summary>What it says of an upgrade; the target is filled in.</summary>
    public CheckGatewayUpgradeResponse UpgradeCheck { get; } = new();

    public override Task<CheckGatewayUpgradeResponse> CheckGatewayUpgrade(CheckGatewayUpgradeRequest request, ServerCallContext context)
    {
        Enter(request, context);
        return Task.FromResult(new CheckGatewayUpgradeResponse(UpgradeCheck) { TargetVersion = request.TargetVersion });
    }

    /// <summary>What its driver warns of.</summary>
    public List<string> DriverWarnings { get; } = [];

    public override Task<GetGatewayInfoResponse> GetGatewayInfo(GetGatewayInfoRequest request, ServerCallContext context) =>
        Task.FromResult(new GetGatewayInfoResponse(Info)
        {
            ComputeDrivers =
            {
                DriverWarnings.Select(warning => new ComputeDriverInfo { Capabilities = new ComputeDriverCapabilities { Warnings = { warning } } }),
            },
        });

    public override Task<HealthResponse> Health(HealthRequest request, ServerCallContext context) => HealthIsUnimplemented
        ? throw new RpcException(new Status(StatusCode.Unimplemented, "no such method"))
        : Task.FromResult(new HealthResponse { Status = ServiceStatus.Healthy, Version = "9.9.9" });

    public override Task<SandboxResponse> CreateSandbox(CreateSandboxRequest request, ServerCallContext context)
    {
        Enter(request, context);
        var workspace = WorkspaceOf(request.WorkspaceScope);
        var sandbox = Add(request.Name.Length > 0 ? request.Name : "brave-otter", PhaseOfCreated);
        sandbox.Metadata.Workspace = workspace;
        sandbox.Spec = request.Spec;
        return Task.FromResult(new SandboxResponse { Sandbox = sandbox });
    }

    public override Task<SandboxResponse> GetSandbox(GetSandboxRequest request, ServerCallContext context)
    {
        Enter(request, context);
        return Task.FromResult(new SandboxResponse { Sandbox = Find(request.Name, request.WorkspaceScope) });
    }

    public override Task<ListSandboxesResponse> ListSandboxes(ListSandboxesRequest request, ServerCallContext context)
    {
        Enter(request, context);
        var sandboxes = request.WorkspaceScope?.AllWorkspaces is not null
            ? Sandboxes
            : Sandboxes.Where(sandbox => sandbox.Metadata.Workspace == WorkspaceOf(request.WorkspaceScope));
        var start = request.PageToken.Length > 0 ? int.Parse(request.PageToken["after-".Length..], CultureInfo.InvariantCulture) : 0;
        Sandbox[] page = [.. sandboxes.Skip(start).Take(Math.Min(request.PageSize == 0 ? 100 : request.PageSize, MostPerPage))];
        return Task.FromResult(new ListSandboxesResponse
        {
            Sandboxes = { page },
            NextPageToken = start + page.Length < sandboxes.Count() ? $"after-{start + page.Length}" : "",
        });
    }

    /// <summary>The most sandboxes that one answer has.</summary>
    public int MostPerPage { get; set; } = 1000;

    /// <summary>What a deletion answers when the sandbox was there.</summary>
    public DeletionOutcome DeletionOutcome { get; set; } = DeletionOutcome.Completed;

    /// <summary>Plays the deletion of a sandbox, before it is removed.</summary>
    public Action<Sandbox, ServerCallContext>? Deleting { get; set; }

    public override Task<DeleteSandboxResponse> DeleteSandbox(DeleteSandboxRequest request, ServerCallContext context)
    {
        Enter(request, context);
        if (request.AllowMissing && !Has(request.Name, request.WorkspaceScope))
        {
            return Task.FromResult(new DeleteSandboxResponse { Outcome = DeletionOutcome.AlreadyAbsent });
        }

        var sandbox = Find(request.Name, request.WorkspaceScope);
        Deleting?.Invoke(sandbox, context);
        Sandboxes.Remove(sandbox);
        return Task.FromResult(new DeleteSandboxResponse { Outcome = DeletionOutcome, SandboxId = sandbox.Metadata.Id });
    }

    public StopSandboxRequest? LastStop { get; private set; }

    public override Task<SandboxResponse> StopSandbox(StopSandboxRequest request, ServerCallContext context)
    {
        Enter(request, context);
        LastStop = request;
        Find(request.Name, request.WorkspaceScope).Status.Phase = SandboxPhase.Stopped;
        return Task.FromResult(new SandboxResponse { Sandbox = Find(request.Name, request.WorkspaceScope) });
    }

    public override Task<SandboxResponse> StartSandbox(StartSandboxRequest request, ServerCallContext context)
    {
        Enter(request, context);
        var sandbox = Find(request.Name, request.WorkspaceScope);
        sandbox.Status.Phase = SandboxPhase.Ready;
        return Task.FromResult(new SandboxResponse { Sandbox = sandbox });
    }

    public override async Task WatchSandbox(
        WatchSandboxRequest request, IServerStreamWriter<SandboxStreamEvent> responseStream, ServerCallContext context)
    {
        Enter(request, context);
        WorkspaceOf(request.WorkspaceScope);
        await Watch(Interlocked.Increment(ref _watches), responseStream, context);
    }

    public override Task<GetSandboxLogsResponse> GetSandboxLogs(GetSandboxLogsRequest request, ServerCallContext context)
    {
        Enter(request, context);
        WorkspaceOf(request.WorkspaceScope);
        return Task.FromResult(new GetSandboxLogsResponse { Logs = { Logs }, BufferTotal = (uint)Logs.Count });
    }

    public override Task ExecSandbox(ExecSandboxRequest request, IServerStreamWriter<ExecSandboxEvent> responseStream, ServerCallContext context)
    {
        Enter(request, context);
        WorkspaceOf(request.WorkspaceScope);
        return Exec(request, NoInput.Instance, responseStream, context);
    }

    public override async Task ExecSandboxInteractive(
        IAsyncStreamReader<ExecSandboxInput> requestStream, IServerStreamWriter<ExecSandboxEvent> responseStream, ServerCallContext context)
    {
        await requestStream.MoveNext(context.CancellationToken);
        Enter(requestStream.Current.Start, context);
        WorkspaceOf(requestStream.Current.Start.WorkspaceScope);
        await Exec(requestStream.Current.Start, requestStream, responseStream, context);
    }

    /// <summary>Ends at once, also in the middle of a call.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await app.StopAsync(now.Token);
            await app.DisposeAsync();
        }
    }

    private bool Has(string name, WorkspaceSelector? scope) =>
        Sandboxes.Any(sandbox => sandbox.Metadata.Name == name && sandbox.Metadata.Workspace == WorkspaceOf(scope));

    private Sandbox Find(string name, WorkspaceSelector? scope) =>
        Sandboxes.FirstOrDefault(sandbox => sandbox.Metadata.Name == name && sandbox.Metadata.Workspace == WorkspaceOf(scope))
        ?? throw new RpcException(new Status(StatusCode.NotFound, "sandbox not found"));

    private static string WorkspaceOf(WorkspaceSelector? scope) => scope?.Workspace is { Length: > 0 } workspace
        ? workspace
        : throw new RpcException(new Status(StatusCode.InvalidArgument, "workspace_scope is required"));

    private void Enter(object request, ServerCallContext context)
    {
        Requests.Enqueue(request);
        var authorization = context.RequestHeaders.FirstOrDefault(header => header.Key == "authorization")?.Value;
        Authorizations.Enqueue(authorization);
        if (RequiredToken is not null && authorization != "Bearer " + RequiredToken)
        {
            throw new RpcException(new Status(StatusCode.Unauthenticated, "unknown token"));
        }

        if (Failure is { } failure)
        {
            throw new RpcException(failure);
        }
    }

    private sealed class NoInput : IAsyncStreamReader<ExecSandboxInput>
    {
        public static NoInput Instance { get; } = new();

        public ExecSandboxInput Current => throw new InvalidOperationException("there is none");

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(false);
    }
}
