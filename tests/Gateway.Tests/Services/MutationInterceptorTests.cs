using Google.Protobuf.WellKnownTypes;
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
using Status = Grpc.Core.Status;

namespace OpenShell.Gateway.Services;

/// <summary>The rules of a request_id, with services that only count how often they are called.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MutationInterceptorTests : IAsyncDisposable
{
    private const string Id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    private const string OtherId = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    private const string Mismatch = "REQUEST_ID_PAYLOAD_MISMATCH";
    private const string Uncertain = "REQUEST_OUTCOME_UNCERTAIN";
    private const string Unavailable = "REQUEST_REPLAY_UNAVAILABLE";
    private const string Ended = "REQUEST_STREAM_UNAVAILABLE";

    private static readonly UserPrincipal Alice = new("alice", "idp");

    private readonly TestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly GatewayShutdown _shutdown = new();
    private Gateway _gateway;
    private int _calls;

    public MutationInterceptorTests() => _gateway = new Gateway(_directory, _time, _shutdown);

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _shutdown.Dispose();
        _directory.Dispose();
    }

    [TestCase("")]
    [TestCase(null)]
    public async Task Empty_RequestId_IsNoDeduplication(string? id)
    {
        await CreateAsync(Create(id ?? ""));
        await CreateAsync(Create(id ?? ""), "second");

        Assert.That(_calls, Is.EqualTo(2));
    }

    [TestCase("x")]
    [TestCase("00000000-0000-0000-0000-000000000000")]
    [TestCase("0f8fad5bd9cb469fa16570867728950e")]
    [TestCase("{0f8fad5b-d9cb-469f-a165-70867728950e}")]
    [TestCase(" 0f8fad5b-d9cb-469f-a165-7086772895e ")]
    [TestCase("0f8fad5b-d9cb-469f-a165-70867728950e\n")]
    [TestCase("0xffad5b-d9cb-469f-a165-70867728950e")]
    public async Task Form_OtherThanAUuid_IsRefused(string id)
    {
        var error = await FailureOfAsync(() => CreateAsync(Create(id)));

        Assert.That(error.Status, Is.EqualTo(new Status(StatusCode.InvalidArgument, "must be a nonzero hyphenated UUID (36 characters)")));
        Assert.That(error.GetRpcStatus()!.GetDetail<BadRequest>().FieldViolations.Single().Field, Is.EqualTo("request_id"));
        Assert.That(_calls, Is.Zero);
    }

    [Test]
    public async Task Case_OfTheId_DoesNotMatter()
    {
        await CreateAsync(Create(Id));
        await CreateAsync(Create(Id.ToUpperInvariant()));

        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Caller_ThatIsNoUser_IsRefused()
    {
        var call = new FakeServerCall(new SandboxPrincipal("a", 1, DateTimeOffset.MaxValue));

        var error = await FailureOfAsync(() => CreateAsync(Create(Id), call: call));

        Assert.That(error.Status, Is.EqualTo(new Status(StatusCode.PermissionDenied, "request admission requires a user principal")));
    }

    [Test]
    public async Task Again_Success_IsGivenAgainWithTheHeaderAndAsTheSandboxIsNow()
    {
        var first = await CreateAsync(Create(Id));
        var record = (await _gateway.Sandboxes.GetAsync(first.Sandbox.Metadata.Id, CancellationToken.None))!;
        await _gateway.Sandboxes.UpdateAsync(record with { Phase = Sandboxes.SandboxPhase.Ready }, CancellationToken.None);
        var call = new FakeServerCall(Alice);

        var second = await CreateAsync(Create(Id), call: call);

        Assert.That(second.Sandbox.Metadata.Id, Is.EqualTo(first.Sandbox.Metadata.Id));
        Assert.That(second.Sandbox.Status.Phase, Is.EqualTo(Protocol.V1.SandboxPhase.Ready));
        Assert.That(call.SentHeaders.GetValue("openshell-replayed"), Is.EqualTo("true"));
        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task First_Success_HasNoHeader()
    {
        var call = new FakeServerCall(Alice);

        await CreateAsync(Create(Id), call: call);

        Assert.That(call.SentHeaders, Is.Empty);
    }

    [Test]
    public async Task Again_AfterARestart_IsGivenAgain()
    {
        await CreateAsync(Create(Id));
        await RestartAsync();

        await CreateAsync(Create(Id));

        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Window_IsADayFromCompletionAndNotRenewed()
    {
        await CreateAsync(Create(Id));
        _time.Advance(TimeSpan.FromHours(23));
        await CreateAsync(Create(Id));
        _time.Advance(TimeSpan.FromHours(1));
        await CreateAsync(Create(Id));
        Assert.That(_calls, Is.EqualTo(1));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await CreateAsync(Create(Id), "second");

        Assert.That(_calls, Is.EqualTo(2));
    }

    [Test]
    public async Task Again_OtherPayload_IsAMismatch()
    {
        await CreateAsync(Create(Id));
        var other = Create(Id);
        other.Spec.Tty = true;

        await AssertRefusedAsync(() => CreateAsync(other), Mismatch);
    }

    [Test]
    public async Task Payload_MapsInAnyOrder_IsTheSame()
    {
        await CreateAsync(Create(Id, r => r.Spec.Environment.Add(new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" })));

        await CreateAsync(Create(Id, r => r.Spec.Environment.Add(new Dictionary<string, string> { ["B"] = "2", ["A"] = "1" })));

        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Payload_NestedMapsInAnyOrder_IsTheSame()
    {
        await CreateAsync(Create(Id, r => r.Spec.Template = Template("cpu", "memory")));

        await CreateAsync(Create(Id, r => r.Spec.Template = Template("memory", "cpu")));

        Assert.That(_calls, Is.EqualTo(1));

        static SandboxTemplate Template(string first, string second) => new()
        {
            Resources = new Struct
            {
                Fields =
                {
                    ["limits"] = Value.ForStruct(new Struct { Fields = { [first] = Value.ForNumber(1), [second] = Value.ForNumber(1) } }),
                },
            },
        };
    }

    [Test]
    public async Task Payload_PresenceOfAMessage_Counts()
    {
        await CreateAsync(Create(Id));

        await AssertRefusedAsync(() => CreateAsync(Create(Id, r => r.Spec.Template = new SandboxTemplate())), Mismatch);
    }

    [Test]
    public async Task Scope_CallerMethodAndWorkspace_KeepIdsApart()
    {
        await _gateway.Directory.EnsureAsync("other", CancellationToken.None);
        await CreateAsync(Create(Id));

        await CreateAsync(Create(Id), "2", call: new FakeServerCall(new UserPrincipal("bob", "idp")));
        await CreateAsync(Create(Id), "3", call: new FakeServerCall(new UserPrincipal("alice", "idp2")));
        await CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("other")), "4");
        await CreateAsync(Create(Id), "5", call: new FakeServerCall(Alice) { Name = "/test/Other" });

        Assert.That(_calls, Is.EqualTo(5));
    }

    [Test]
    public async Task Again_WhileTheFirstRuns_IsUncertain()
    {
        var release = new TaskCompletionSource();
        var first = CreateAsync(Create(Id), work: release.Task);
        await Eventually.BecomesTrueAsync(() => _calls == 1, "the service is at work");

        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Uncertain);

        release.SetResult();
        await first;
        await CreateAsync(Create(Id));
        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task TwoAtOnce_OneIsDone()
    {
        var attempts = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await CreateAsync(Create(Id), $"n{i}");
                return "done";
            }
            catch (RpcException e)
            {
                return ReasonOf(e);
            }
        }));

        Assert.That(_calls, Is.EqualTo(1));
        Assert.That(attempts, Is.All.EqualTo("done").Or.EqualTo(Uncertain));
    }

    [Test]
    public async Task Again_AfterAFailure_IsUncertainForEver()
    {
        var failing = Task.FromException(new RpcException(new Status(StatusCode.Unavailable, "no driver")));
        await FailureOfAsync(() => CreateAsync(Create(Id), work: failing));

        _time.Advance(TimeSpan.FromDays(1000));

        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Uncertain);
        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Crash_BetweenBeginAndCompletion_IsUncertainForEver()
    {
        // The process ends while the service is at work: nothing of the call ever goes on.
        _ = CreateAsync(Create(Id), work: new TaskCompletionSource().Task);
        await Eventually.BecomesTrueAsync(() => _calls == 1, "the service is at work");
        await RestartAsync();

        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Uncertain);
        _time.Advance(TimeSpan.FromDays(1000));
        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Uncertain);

        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Store_TakesNoBegin_NothingIsDone()
    {
        await _gateway.Store.DisposeAsync();

        Assert.That(() => CreateAsync(Create(Id)), Throws.TypeOf<StoreUnavailableException>());
        Assert.That(_calls, Is.Zero);
    }

    [Test]
    public async Task Store_TakesNoCompletion_TheCallerHasItsAnswerAllTheSame()
    {
        var response = await ServeAsync(Create(Id), async () =>
        {
            await _gateway.Store.DisposeAsync();
            return new SandboxResponse { Sandbox = new Sandbox { Metadata = new ObjectMeta { Id = "s1" } } };
        });

        Assert.That(response.Sandbox.Metadata.Id, Is.EqualTo("s1"));
        await RestartAsync();
        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Uncertain);
    }

    [Test]
    public async Task Again_WhatWasMadeIsGone_IsUnavailable()
    {
        var made = await CreateAsync(Create(Id));
        await _gateway.Sandboxes.DeleteAsync(made.Sandbox.Metadata.Id, CancellationToken.None);
        await AddSandboxAsync("box");

        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Unavailable);
    }

    [Test]
    public async Task Again_WorkspaceWasReplaced_IsUnavailable()
    {
        var workspace = await _gateway.Directory.EnsureAsync("dev", CancellationToken.None);
        await CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("dev")));
        await _gateway.Workspaces.DeleteAsync(workspace.Id, CancellationToken.None);
        await _gateway.Directory.EnsureAsync("dev", CancellationToken.None);

        await AssertRefusedAsync(() => CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("dev"))), Unavailable);
    }

    [Test]
    public async Task Again_WorkspaceIsGone_IsNotFound()
    {
        var workspace = await _gateway.Directory.EnsureAsync("dev", CancellationToken.None);
        await CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("dev")));
        await _gateway.Workspaces.DeleteAsync(workspace.Id, CancellationToken.None);

        var error = await FailureOfAsync(() => CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("dev"))));

        Assert.That(error.Status, Is.EqualTo(new Status(StatusCode.NotFound, "workspace 'dev' not found")));
    }

    [Test]
    public async Task Again_FingerprintKeyIsLost_IsUnavailable()
    {
        await CreateAsync(Create(Id));
        await RestartAsync(loseKey: true);

        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Unavailable);
        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Deletion_Again_IsTheStoredOutcomeAndTouchesNothing()
    {
        var request = new DeleteSandboxRequest { Name = "box", WorkspaceScope = Scope(), RequestId = Id };
        var first = await ServeAsync<DeleteSandboxRequest, DeleteSandboxResponse>(
            request, () => Task.FromResult(new DeleteSandboxResponse { Outcome = DeletionOutcome.Accepted, SandboxId = "s1" }));
        await AddSandboxAsync("box");

        var second = await ServeAsync<DeleteSandboxRequest, DeleteSandboxResponse>(request, () => throw new InvalidOperationException());

        Assert.That(second, Is.EqualTo(first));
        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task CreateWorkspace_Again_NeedsTheStoredVersion()
    {
        var request = new CreateWorkspaceRequest { Name = "dev", RequestId = Id };
        var first = await CreateWorkspaceAsync();
        Assert.That((await CreateWorkspaceAsync()).Workspace, Is.EqualTo(first.Workspace));
        var record = (await _gateway.Workspaces.GetAsync(first.Workspace.Metadata.Id, CancellationToken.None))!;
        await _gateway.Workspaces.UpdateAsync(record, CancellationToken.None);

        await AssertRefusedAsync(CreateWorkspaceAsync, Unavailable);

        Task<CreateWorkspaceResponse> CreateWorkspaceAsync() => ServeAsync<CreateWorkspaceRequest, CreateWorkspaceResponse>(
            request,
            async () => new CreateWorkspaceResponse { Workspace = (await _gateway.Directory.EnsureAsync("dev", CancellationToken.None)).ToMessage() });
    }

    [Test]
    public async Task WrongRequest_LeavesTheIdUnused()
    {
        await FailureOfAsync(() => CreateAsync(Create(Id, r => r.Name = "Bad")));
        await FailureOfAsync(() => CreateAsync(Create(Id, r => r.WorkspaceScope = null)));
        await FailureOfAsync(() => CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("absent"))));
        Assert.That(_calls, Is.Zero);

        await CreateAsync(Create(Id));

        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task ClientCancels_TheWorkGoesOnAndItsSuccessIsStored()
    {
        using var client = new CancellationTokenSource();
        var release = new TaskCompletionSource();
        var first = CreateAsync(Create(Id), work: release.Task, call: new FakeServerCall(Alice, client.Token));
        await Eventually.BecomesTrueAsync(() => _calls == 1, "the service is at work");

        await client.CancelAsync();
        release.SetResult();
        await first;

        await CreateAsync(Create(Id));
        Assert.That(_calls, Is.EqualTo(1));
    }

    [TestCase(Id)]
    [TestCase("")]
    public async Task ServiceOfAMutation_IsCancelledByTheGatewaysEndOnly(string id)
    {
        using var client = new CancellationTokenSource();
        var seen = CancellationToken.None;
        await _gateway.Interceptor.UnaryServerHandler(
            new StopSandboxRequest { Name = "box", WorkspaceScope = Scope(), RequestId = id },
            new FakeServerCall(Alice, client.Token),
            (_, context) =>
            {
                seen = context.CancellationToken;
                Assert.That(context.GetPrincipal(), Is.EqualTo(Alice));
                return Task.FromResult(new SandboxResponse { Sandbox = new Sandbox { Metadata = new ObjectMeta() } });
            });

        await client.CancelAsync();
        Assert.That(seen.IsCancellationRequested, Is.False);
        _shutdown.Begin();
        Assert.That(seen.IsCancellationRequested, Is.True);
    }

    [Test]
    public async Task Limit_OfStoredRequests_IsPerCaller()
    {
        for (var i = 0; i < RequestAdmission.MaxStoredPerCaller; i++)
        {
            await DeleteAsync(Guid.NewGuid().ToString(), Alice);
        }

        var error = await FailureOfAsync(() => DeleteAsync(Id, Alice));
        Assert.That(error.Status.Detail, Does.StartWith("1000 requests with a request_id are stored for this caller"));
        Assert.That(error.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        await DeleteAsync(Id, new UserPrincipal("bob", "idp"));

        _time.Advance(RequestAdmission.Window + TimeSpan.FromSeconds(1));
        await DeleteAsync(Id, Alice);
    }

    [Test]
    public async Task Limit_OfRequestsAtWork_IsPerGateway()
    {
        await DeleteAsync(OtherId, Alice);
        var release = new TaskCompletionSource();
        var running = Enumerable.Range(0, RequestAdmission.MaxAtWork)
            .Select(i => CreateAsync(Create(Guid.NewGuid().ToString()), $"n{i}", release.Task)).ToList();
        await Eventually.BecomesTrueAsync(() => _calls == 1 + RequestAdmission.MaxAtWork, "all are at work");

        var error = await FailureOfAsync(() => CreateAsync(Create(Id)));
        Assert.That(error.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(error.Status.Detail, Does.StartWith("64 requests with a request_id are at work"));
        Assert.That((await DeleteAsync(OtherId, Alice)).SandboxId, Is.EqualTo("s1"), "a repeat needs no place");

        release.SetResult();
        await Task.WhenAll(running);
        await CreateAsync(Create(Id));
    }

    [Test]
    public async Task Limit_OfTheRequestsSize_IsFourMebibytes()
    {
        var request = Exec(Id);
        request.Stdin = Google.Protobuf.ByteString.CopyFrom(new byte[4 * 1024 * 1024]);

        var error = await FailureOfAsync(() => ExecAsync(request, (_, _) => Task.CompletedTask));

        Assert.That(error.Status, Is.EqualTo(new Status(StatusCode.ResourceExhausted, "mutation request exceeds 4 MiB")));
        request.RequestId = "";
        await ExecAsync(request, (_, _) => Task.CompletedTask);
    }

    [Test]
    public async Task Exec_Ended_IsNeverLaunchedAgain()
    {
        await ExecAsync(Exec(Id), (_, _) => Task.CompletedTask);

        await AssertRefusedAsync(() => ExecAsync(Exec(Id), (_, _) => Task.CompletedTask), Ended);
        await AssertRefusedAsync(() => ExecAsync(Exec(Id, "other"), (_, _) => Task.CompletedTask), Mismatch);
        Assert.That(_calls, Is.EqualTo(1));

        _time.Advance(RequestAdmission.Window + TimeSpan.FromSeconds(1));
        await ExecAsync(Exec(Id), (_, _) => Task.CompletedTask);
    }

    [Test]
    public async Task Exec_Running_IsUncertain()
    {
        var release = new TaskCompletionSource();
        var running = ExecAsync(Exec(Id), (_, _) => release.Task);
        await Eventually.BecomesTrueAsync(() => _calls == 1, "the service is at work");

        await AssertRefusedAsync(() => ExecAsync(Exec(Id), (_, _) => Task.CompletedTask), Uncertain);

        release.SetResult();
        await running;
    }

    [Test]
    public async Task Exec_NotLaunched_IsUncertain()
    {
        await FailureOfAsync(() => ExecAsync(Exec(Id), (_, _) => throw new RpcException(new Status(StatusCode.Unavailable, "no relay"))));

        await AssertRefusedAsync(() => ExecAsync(Exec(Id), (_, _) => Task.CompletedTask), Uncertain);
    }

    [Test]
    public async Task Exec_LaunchedAndLost_HasEnded()
    {
        await FailureOfAsync(() => ExecAsync(Exec(Id), async (stream, _) =>
        {
            await stream.WriteAsync(new ExecSandboxEvent());
            throw new RpcException(new Status(StatusCode.Unavailable, "the connection was lost"));
        }));

        await AssertRefusedAsync(() => ExecAsync(Exec(Id), (_, _) => Task.CompletedTask), Ended);
    }

    [Test]
    public async Task Exec_ClientCancels_EndsTheCommand()
    {
        using var client = new CancellationTokenSource();
        var seen = CancellationToken.None;
        await ExecAsync(
            Exec(Id),
            (_, context) =>
            {
                seen = context.CancellationToken;
                return Task.CompletedTask;
            },
            new FakeServerCall(Alice, client.Token));

        await client.CancelAsync();

        Assert.That(seen.IsCancellationRequested, Is.True);
    }

    [Test]
    public async Task ExecInteractive_OnlyTheStartCounts_AndTheServiceReadsItAll()
    {
        await InteractiveAsync("input");

        await AssertRefusedAsync(() => InteractiveAsync("other input"), Ended);
        Assert.That(_calls, Is.EqualTo(1));
    }

    [Test]
    public async Task ExecInteractive_EmptyStream_IsTheServicesToRefuse()
    {
        var streams = new FakeStreams<ExecSandboxInput, ExecSandboxEvent>();
        streams.HangUp();
        var read = true;

        await _gateway.Interceptor.DuplexStreamingServerHandler(
            streams, streams, new FakeServerCall(Alice), async (input, _, _) => read = await input.MoveNext(CancellationToken.None));

        Assert.That(read, Is.False);
    }

    [Test]
    public void Methods_ThatTakeARequestId_AreKnownToTheInterceptor()
    {
        var services = new ServiceCollection().AddMutations();
        foreach (var method in OpenshellReflection.Descriptor.Services.SelectMany(s => s.Methods))
        {
            var served = UnbuiltMethods.Find($"/{method.Service.FullName}/{method.Name}") is null;
            if (!served || method.IsServerStreaming || method.InputType.FindFieldByName("request_id") is null)
            {
                continue;
            }

            var mutation = typeof(Mutation<,>).MakeGenericType(method.InputType.ClrType, method.OutputType.ClrType);
            Assert.That(services.Any(s => s.ServiceType == mutation), method.Name);
        }
    }

    private async Task InteractiveAsync(string input)
    {
        var streams = new FakeStreams<ExecSandboxInput, ExecSandboxEvent>();
        streams.Say(new ExecSandboxInput { Start = Exec(Id) });
        streams.Say(new ExecSandboxInput { Stdin = Google.Protobuf.ByteString.CopyFromUtf8(input) });
        streams.HangUp();
        await _gateway.Interceptor.DuplexStreamingServerHandler(streams, streams, new FakeServerCall(Alice), async (messages, _, _) =>
        {
            _calls++;
            var cases = new List<ExecSandboxInput.PayloadOneofCase>();
            while (await messages.MoveNext(CancellationToken.None))
            {
                cases.Add(messages.Current.PayloadCase);
            }

            Assert.That(
                cases, Is.EqualTo(new[] { ExecSandboxInput.PayloadOneofCase.Start, ExecSandboxInput.PayloadOneofCase.Stdin }));
        });
    }

    private static WorkspaceSelector Scope(string workspace = "default") => new() { Workspace = workspace };

    private static CreateSandboxRequest Create(string id, Action<CreateSandboxRequest>? change = null)
    {
        var request = new CreateSandboxRequest { Name = "box", Spec = new SandboxSpec(), WorkspaceScope = Scope(), RequestId = id };
        change?.Invoke(request);
        return request;
    }

    private static ExecSandboxRequest Exec(string id, string command = "true") =>
        new() { Sandbox = "box", Command = { command }, WorkspaceScope = Scope(), RequestId = id };

    private Task<SandboxResponse> CreateAsync(
        CreateSandboxRequest request, string name = "box", Task? work = null, FakeServerCall? call = null) =>
        ServeAsync<CreateSandboxRequest, SandboxResponse>(
            request,
            async () =>
            {
                await (work ?? Task.CompletedTask);
                return (await AddSandboxAsync(name, request.WorkspaceScope.Workspace)).ToResponse();
            },
            call);

    private Task<DeleteSandboxResponse> DeleteAsync(string id, UserPrincipal user) => ServeAsync<DeleteSandboxRequest, DeleteSandboxResponse>(
        new DeleteSandboxRequest { Name = "box", WorkspaceScope = Scope(), RequestId = id },
        () => Task.FromResult(new DeleteSandboxResponse { Outcome = DeletionOutcome.Completed, SandboxId = "s1" }),
        new FakeServerCall(user));

    private Task<TResponse> ServeAsync<TRequest, TResponse>(TRequest request, Func<Task<TResponse>> work, FakeServerCall? call = null)
        where TRequest : class
        where TResponse : class =>
        _gateway.Interceptor.UnaryServerHandler(request, call ?? new FakeServerCall(Alice), (_, _) =>
        {
            Interlocked.Increment(ref _calls);
            return work();
        });

    private Task ExecAsync(
        ExecSandboxRequest request, Func<IServerStreamWriter<ExecSandboxEvent>, ServerCallContext, Task> work, FakeServerCall? call = null)
    {
        var streams = new FakeStreams<ExecSandboxRequest, ExecSandboxEvent>();
        return _gateway.Interceptor.ServerStreamingServerHandler(request, streams, call ?? new FakeServerCall(Alice), (_, stream, context) =>
        {
            _calls++;
            return work(stream, context);
        });
    }

    private async Task<SandboxRecord> AddSandboxAsync(string name, string workspace = "default")
    {
        var record = new SandboxRecord
        {
            Id = Guid.NewGuid().ToString(),
            Name = name,
            Workspace = workspace,
            Spec = Array.Empty<byte>(),
            CreatedAt = _time.GetUtcNow(),
            ResourceVersion = 1,
        };
        await _gateway.Sandboxes.CreateAsync(record, CancellationToken.None);
        return record;
    }

    private static async Task<RpcException> FailureOfAsync(Func<Task> call)
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

    private static string? ReasonOf(RpcException e) => e.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason;

    private static async Task AssertRefusedAsync(Func<Task> call, string reason)
    {
        var error = await FailureOfAsync(call);
        Assert.That((error.StatusCode, ReasonOf(error)), Is.EqualTo((StatusCode.FailedPrecondition, reason)), error.Status.Detail);
    }

    private async Task RestartAsync(bool loseKey = false)
    {
        await _gateway.DisposeAsync();
        if (loseKey)
        {
            File.Delete(_directory.File(RequestFingerprints.KeyFileName));
        }

        _gateway = new Gateway(_directory, _time, _shutdown);
    }

    /// <summary>What of a gateway there is between the wire and a service, on the files of a directory.</summary>
    private sealed class Gateway : IAsyncDisposable
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
