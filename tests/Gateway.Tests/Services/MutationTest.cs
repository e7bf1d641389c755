using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OpenShell.Gateway.Admission;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

/// <summary>What of a gateway there is between the wire and a service, and requests with a request_id to it.</summary>
internal abstract class MutationTest : IAsyncDisposable
{
    protected const string Id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    protected const string OtherId = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    protected const string Mismatch = "REQUEST_ID_PAYLOAD_MISMATCH";
    protected const string Uncertain = "REQUEST_OUTCOME_UNCERTAIN";
    protected const string Unavailable = "REQUEST_REPLAY_UNAVAILABLE";
    protected const string Ended = "REQUEST_STREAM_UNAVAILABLE";

    protected static readonly UserPrincipal Alice = new("alice", "idp");

    private readonly TestDirectory _directory = new();
    private Gateway _gateway;
    private int _calls;

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    protected GatewayShutdown Shutdown { get; } = new();

    /// <summary>The gateway that runs.</summary>
    protected Gateway Running => _gateway;

    /// <summary>How often a service was asked to do something.</summary>
    protected int Calls => _calls;

    protected void Count() => Interlocked.Increment(ref _calls);

    protected MutationTest() => _gateway = new Gateway(_directory, Time, Shutdown);

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        Shutdown.Dispose();
        _directory.Dispose();
    }

    protected static WorkspaceSelector Scope(string workspace = "default") => new() { Workspace = workspace };

    protected static CreateSandboxRequest Create(string id, Action<CreateSandboxRequest>? change = null)
    {
        var request = new CreateSandboxRequest { Name = "box", Spec = new SandboxSpec(), WorkspaceScope = Scope(), RequestId = id };
        change?.Invoke(request);
        return request;
    }

    protected static ExecSandboxRequest Exec(string id, string command = "true") =>
        new() { Sandbox = "box", Command = { command }, WorkspaceScope = Scope(), RequestId = id };

    protected Task<SandboxResponse> CreateAsync(
        CreateSandboxRequest request, string name = "box", Task? work = null, FakeServerCall? call = null) =>
        ServeAsync<CreateSandboxRequest, SandboxResponse>(
            request,
            async () =>
            {
                await (work ?? Task.CompletedTask);
                return (await AddSandboxAsync(name, request.WorkspaceScope.Workspace)).ToResponse();
            },
            call);

    protected Task<DeleteSandboxResponse> DeleteAsync(string id, UserPrincipal user) => ServeAsync<DeleteSandboxRequest, DeleteSandboxResponse>(
        new DeleteSandboxRequest { Name = "box", WorkspaceScope = Scope(), RequestId = id },
        () => Task.FromResult(new DeleteSandboxResponse { Outcome = DeletionOutcome.Completed, SandboxId = "s1" }),
        new FakeServerCall(user));

    protected Task<TResponse> ServeAsync<TRequest, TResponse>(TRequest request, Func<Task<TResponse>> work, FakeServerCall? call = null)
        where TRequest : class
        where TResponse : class =>
        _gateway.Interceptor.UnaryServerHandler(request, call ?? new FakeServerCall(Alice), (_, _) =>
        {
            Count();
            return work();
        });

    protected Task ExecAsync(
        ExecSandboxRequest request, Func<IServerStreamWriter<ExecSandboxEvent>, ServerCallContext, Task> work, FakeServerCall? call = null)
    {
        var streams = new FakeStreams<ExecSandboxRequest, ExecSandboxEvent>();
        return _gateway.Interceptor.ServerStreamingServerHandler(request, streams, call ?? new FakeServerCall(Alice), (_, stream, context) =>
        {
            Count();
            return work(stream, context);
        });
    }

    protected async Task<SandboxRecord> AddSandboxAsync(string name, string workspace = "default")
    {
        var record = new SandboxRecord
        {
            Id = Guid.NewGuid().ToString(),
            Name = name,
            Workspace = workspace,
            Spec = Array.Empty<byte>(),
            CreatedAt = Time.GetUtcNow(),
            ResourceVersion = 1,
        };
        await _gateway.Sandboxes.CreateAsync(record, CancellationToken.None);
        return record;
    }

    protected static async Task<RpcException> FailureOfAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException e)
        {
            return e;
        }

        throw new AssertionException("the call did not fail");
    }

    protected static string? ReasonOf(RpcException e) => e.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason;

    protected static async Task AssertRefusedAsync(Func<Task> call, string reason)
    {
        var error = await FailureOfAsync(call);
        Assert.That((error.StatusCode, ReasonOf(error)), Is.EqualTo((StatusCode.FailedPrecondition, reason)), error.Status.Detail);
    }

    protected async Task RestartAsync(bool loseKey = false)
    {
        await _gateway.DisposeAsync();
        if (loseKey)
        {
            File.Delete(_directory.File(RequestFingerprints.KeyFileName));
        }

        _gateway = new Gateway(_directory, Time, Shutdown);
    }

    /// <summary>What of a gateway there is between the wire and a service, on the files of a directory.</summary>
    protected sealed class Gateway : IAsyncDisposable
    {
        private readonly ServiceProvider _services;

        public Gateway(TestDirectory directory, TimeProvider time, GatewayShutdown shutdown)
        {
            Store = new SqliteStore(new DatabaseUrl(directory.File("openshell.db")));
            Sandboxes = new SandboxStore(Store, time);
            Workspaces = new WorkspaceStore(Store, time);
            Directory = new WorkspaceDirectory(Workspaces, time);
            _services = new ServiceCollection().AddMutations().AddSingleton(Sandboxes).AddSingleton(Workspaces).BuildServiceProvider();
            var admission = new RequestAdmission(
                Store, new RequestFingerprints(directory.Path), time, NullLogger<RequestAdmission>.Instance);
            Interceptor = new MutationInterceptor(admission, Directory, shutdown, _services);
        }

        public SqliteStore Store { get; }

        public SandboxStore Sandboxes { get; }

        public WorkspaceStore Workspaces { get; }

        public WorkspaceDirectory Directory { get; }

        public MutationInterceptor Interceptor { get; }

        public async ValueTask DisposeAsync()
        {
            await Store.DisposeAsync();
            await _services.DisposeAsync();
        }
    }
}
