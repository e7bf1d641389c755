using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using Status = Grpc.Core.Status;

namespace OpenShell.Gateway.Services;

/// <summary>The rules of a request_id, with services that only count how often they are called.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MutationInterceptorTests : MutationTest
{
    [TestCase("")]
    [TestCase(null)]
    public async Task Empty_RequestId_IsNoDeduplication(string? id)
    {
        await CreateAsync(Create(id ?? ""));
        await CreateAsync(Create(id ?? ""), "second");

        Assert.That(Calls, Is.EqualTo(2));
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
        Assert.That(Calls, Is.Zero);
    }

    [Test]
    public async Task Case_OfTheId_DoesNotMatter()
    {
        await CreateAsync(Create(Id));
        await CreateAsync(Create(Id.ToUpperInvariant()));

        Assert.That(Calls, Is.EqualTo(1));
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
        var record = (await Running.Sandboxes.GetAsync(first.Sandbox.Metadata.Id, CancellationToken.None))!;
        await Running.Sandboxes.UpdateAsync(record with { Phase = Sandboxes.SandboxPhase.Ready }, CancellationToken.None);
        var call = new FakeServerCall(Alice);

        var second = await CreateAsync(Create(Id), call: call);

        Assert.That(second.Sandbox.Metadata.Id, Is.EqualTo(first.Sandbox.Metadata.Id));
        Assert.That(second.Sandbox.Status.Phase, Is.EqualTo(Protocol.V1.SandboxPhase.Ready));
        Assert.That(call.SentHeaders.GetValue("openshell-replayed"), Is.EqualTo("true"));
        Assert.That(Calls, Is.EqualTo(1));
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

        Assert.That(Calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Window_IsADayFromCompletionAndNotRenewed()
    {
        await CreateAsync(Create(Id));
        Time.Advance(TimeSpan.FromHours(23));
        await CreateAsync(Create(Id));
        Time.Advance(TimeSpan.FromHours(1));
        await CreateAsync(Create(Id));
        Assert.That(Calls, Is.EqualTo(1));

        Time.Advance(TimeSpan.FromMilliseconds(1));
        await CreateAsync(Create(Id), "second");

        Assert.That(Calls, Is.EqualTo(2));
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

        Assert.That(Calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Payload_NestedMapsInAnyOrder_IsTheSame()
    {
        await CreateAsync(Create(Id, r => r.Spec.Template = Template("cpu", "memory")));

        await CreateAsync(Create(Id, r => r.Spec.Template = Template("memory", "cpu")));

        Assert.That(Calls, Is.EqualTo(1));

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
        await Running.Directory.EnsureAsync("other", CancellationToken.None);
        await CreateAsync(Create(Id));

        await CreateAsync(Create(Id), "2", call: new FakeServerCall(new UserPrincipal("bob", "idp")));
        await CreateAsync(Create(Id), "3", call: new FakeServerCall(new UserPrincipal("alice", "idp2")));
        await CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("other")), "4");
        await CreateAsync(Create(Id), "5", call: new FakeServerCall(Alice) { Name = "/test/Other" });

        Assert.That(Calls, Is.EqualTo(5));
    }

    [Test]
    public async Task Again_WhileTheFirstRuns_IsUncertain()
    {
        var release = new TaskCompletionSource();
        var first = CreateAsync(Create(Id), work: release.Task);
        await Eventually.BecomesTrueAsync(() => Calls == 1, "the service is at work");

        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Uncertain);

        release.SetResult();
        await first;
        await CreateAsync(Create(Id));
        Assert.That(Calls, Is.EqualTo(1));
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

        Assert.That(Calls, Is.EqualTo(1));
        Assert.That(attempts, Is.All.EqualTo("done").Or.EqualTo(Uncertain));
    }

    [Test]
    public async Task Again_AfterAFailure_IsUncertainForEver()
    {
        var failing = Task.FromException(new RpcException(new Status(StatusCode.Unavailable, "no driver")));
        await FailureOfAsync(() => CreateAsync(Create(Id), work: failing));

        Time.Advance(TimeSpan.FromDays(1000));

        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Uncertain);
        Assert.That(Calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Crash_BetweenBeginAndCompletion_IsUncertainForEver()
    {
        // The process ends while the service is at work: nothing of the call ever goes on.
        _ = CreateAsync(Create(Id), work: new TaskCompletionSource().Task);
        await Eventually.BecomesTrueAsync(() => Calls == 1, "the service is at work");
        await RestartAsync();

        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Uncertain);
        Time.Advance(TimeSpan.FromDays(1000));
        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Uncertain);

        Assert.That(Calls, Is.EqualTo(1));
    }

    [Test]
    public async Task Store_TakesNoBegin_NothingIsDone()
    {
        await Running.Store.DisposeAsync();

        Assert.That(() => CreateAsync(Create(Id)), Throws.TypeOf<StoreUnavailableException>());
        Assert.That(Calls, Is.Zero);
    }

    [Test]
    public async Task Store_TakesNoCompletion_TheCallerHasItsAnswerAllTheSame()
    {
        var response = await ServeAsync(Create(Id), async () =>
        {
            await Running.Store.DisposeAsync();
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
        await Running.Sandboxes.DeleteAsync(made.Sandbox.Metadata.Id, CancellationToken.None);
        await AddSandboxAsync("box");

        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Unavailable);
    }

    [Test]
    public async Task Again_WorkspaceWasReplaced_IsUnavailable()
    {
        var workspace = await Running.Directory.EnsureAsync("dev", CancellationToken.None);
        await CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("dev")));
        await Running.Workspaces.DeleteAsync(workspace.Id, CancellationToken.None);
        await Running.Directory.EnsureAsync("dev", CancellationToken.None);

        await AssertRefusedAsync(() => CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("dev"))), Unavailable);
    }

    [Test]
    public async Task Again_WorkspaceIsGone_IsNotFound()
    {
        var workspace = await Running.Directory.EnsureAsync("dev", CancellationToken.None);
        await CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("dev")));
        await Running.Workspaces.DeleteAsync(workspace.Id, CancellationToken.None);

        var error = await FailureOfAsync(() => CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("dev"))));

        Assert.That(error.Status, Is.EqualTo(new Status(StatusCode.NotFound, "workspace 'dev' not found")));
    }

    [Test]
    public async Task Again_FingerprintKeyIsLost_IsUnavailable()
    {
        await CreateAsync(Create(Id));
        await RestartAsync(loseKey: true);

        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Unavailable);
        Assert.That(Calls, Is.EqualTo(1));
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
        Assert.That(Calls, Is.EqualTo(1));
    }

    [Test]
    public async Task CreateWorkspace_Again_NeedsTheStoredVersion()
    {
        var request = new CreateWorkspaceRequest { Name = "dev", RequestId = Id };
        var first = await CreateWorkspaceAsync();
        Assert.That((await CreateWorkspaceAsync()).Workspace, Is.EqualTo(first.Workspace));
        var record = (await Running.Workspaces.GetAsync(first.Workspace.Metadata.Id, CancellationToken.None))!;
        await Running.Workspaces.UpdateAsync(record, CancellationToken.None);

        await AssertRefusedAsync(CreateWorkspaceAsync, Unavailable);

        Task<CreateWorkspaceResponse> CreateWorkspaceAsync() => ServeAsync<CreateWorkspaceRequest, CreateWorkspaceResponse>(
            request,
            async () => new CreateWorkspaceResponse { Workspace = (await Running.Directory.EnsureAsync("dev", CancellationToken.None)).ToMessage() });
    }

    [Test]
    public async Task WrongRequest_LeavesTheIdUnused()
    {
        await FailureOfAsync(() => CreateAsync(Create(Id, r => r.Name = "Bad")));
        await FailureOfAsync(() => CreateAsync(Create(Id, r => r.WorkspaceScope = null)));
        await FailureOfAsync(() => CreateAsync(Create(Id, r => r.WorkspaceScope = Scope("absent"))));
        Assert.That(Calls, Is.Zero);

        await CreateAsync(Create(Id));

        Assert.That(Calls, Is.EqualTo(1));
    }

    [Test]
    public async Task ClientCancels_TheWorkGoesOnAndItsSuccessIsStored()
    {
        using var client = new CancellationTokenSource();
        var release = new TaskCompletionSource();
        var first = CreateAsync(Create(Id), work: release.Task, call: new FakeServerCall(Alice, client.Token));
        await Eventually.BecomesTrueAsync(() => Calls == 1, "the service is at work");

        await client.CancelAsync();
        release.SetResult();
        await first;

        await CreateAsync(Create(Id));
        Assert.That(Calls, Is.EqualTo(1));
    }

    [TestCase(Id)]
    [TestCase("")]
    public async Task ServiceOfAMutation_IsCancelledByTheGatewaysEndOnly(string id)
    {
        using var client = new CancellationTokenSource();
        var seen = CancellationToken.None;
        await Running.Interceptor.UnaryServerHandler(
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
        Shutdown.Begin();
        Assert.That(seen.IsCancellationRequested, Is.True);
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
}
