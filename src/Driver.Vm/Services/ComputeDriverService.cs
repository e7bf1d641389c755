using Grpc.Core;
using OpenShell.Driver.Kit.Hosting;
using OpenShell.Driver.Kit.Watch;
using OpenShell.Driver.Vm.Admission;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Events;
using OpenShell.Driver.Vm.Helpers;
using OpenShell.Driver.Vm.Machines;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Extension.V1;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Peers;

namespace OpenShell.Driver.Vm.Services;

/// <summary>The contract with the gateway.</summary>
internal sealed class ComputeDriverService(
    DriverOptions options, NetworkIsolation isolation, CreateChecks checks, MachineRegistry registry, WatchHub hub)
    : ComputeDriver.ComputeDriverBase
{
    private static readonly PeerMetadata Driver = ComputeContract.Describe(DriverOptions.ProgramName, ProgramVersion.Text);

    public override async Task<GetCapabilitiesResponse> GetCapabilities(GetCapabilitiesRequest request, ServerCallContext context)
    {
        ThrowIf(GatewayCheck.Check(request.Gateway, Driver));
        return new GetCapabilitiesResponse
        {
            DriverName = DriverOptions.ProgramName,
            DriverVersion = ProgramVersion.Text,
            DefaultImage = options.DefaultImage,
            GatewayManagesLifecycle = true,
            Extension = Driver,
            Warnings = { await WarningsAsync(context.CancellationToken) },
        };
    }

    public override async Task<ValidateSandboxCreateResponse> ValidateSandboxCreate(ValidateSandboxCreateRequest request, ServerCallContext context)
    {
        await CheckAsync(request.Sandbox, context.CancellationToken);
        return new ValidateSandboxCreateResponse();
    }

    public override async Task<CreateSandboxResponse> CreateSandbox(CreateSandboxRequest request, ServerCallContext context)
    {
        var spec = await CheckAsync(request.Sandbox, context.CancellationToken);
        var token = request.Sandbox.Spec.SandboxToken;
        ThrowIf(token.Length == 0 ? new Failure(FailureKind.InvalidArgument, "the sandbox token is required") : registry.Create(spec, token));
        return new CreateSandboxResponse();
    }

    public override Task<GetSandboxResponse> GetSandbox(GetSandboxRequest request, ServerCallContext context) =>
        Task.FromResult(new GetSandboxResponse { Sandbox = SandboxMapper.ToSandbox(Find(request.SandboxId).Snapshot) });

    public override Task<ListSandboxesResponse> ListSandboxes(ListSandboxesRequest request, ServerCallContext context)
    {
        var response = new ListSandboxesResponse();
        response.Sandboxes.AddRange(registry.List().Select(SandboxMapper.ToSandbox));
        return Task.FromResult(response);
    }

    public override async Task<StopSandboxResponse> StopSandbox(StopSandboxRequest request, ServerCallContext context)
    {
        // Once begun it is carried through, whether or not the caller still waits.
        ThrowIf(await Find(request.SandboxId).StopAsync(request.Force));
        return new StopSandboxResponse();
    }

    public override async Task<StartSandboxResponse> StartSandbox(StartSandboxRequest request, ServerCallContext context)
    {
        ThrowIf(request.ExpectedRuntimeIdentity.Length == 0 ? null : new Failure(
            FailureKind.FailedPrecondition, "expected_runtime_identity: this driver gives its machines no runtime identity"));
        var machine = Find(request.SandboxId);
        ThrowIf(await checks.CheckHostAsync(context.CancellationToken));
        ThrowIf(machine.Snapshot.State is MachineState.Starting or MachineState.Running ? null : checks.CheckRoomToStart());
        ThrowIf(await machine.StartAsync(request.SandboxToken, context.CancellationToken));
        return new StartSandboxResponse();
    }

    public override async Task<DeleteSandboxResponse> DeleteSandbox(DeleteSandboxRequest request, ServerCallContext context) =>
        new() { Deleted = await registry.DeleteAsync(request.SandboxId) };

    public override async Task WatchSandboxes(
        WatchSandboxesRequest request, IServerStreamWriter<WatchSandboxesEvent> responseStream, ServerCallContext context)
    {
        try
        {
            await new WatchSession(hub, () => registry.List().Select(snapshot => new MachineChanged(snapshot))).RunAsync(
                driverEvent => responseStream.WriteAsync(SandboxMapper.ToEvent(driverEvent), context.CancellationToken),
                context.CancellationToken);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The watcher has left.
        }
    }

    /// <summary>Nothing to prepare: workspaces have nothing of their own here.</summary>
    public override Task<EnsureWorkspaceResponse> EnsureWorkspace(EnsureWorkspaceRequest request, ServerCallContext context) =>
        Task.FromResult(new EnsureWorkspaceResponse());

    public override Task<DeleteWorkspaceResponse> DeleteWorkspace(DeleteWorkspaceRequest request, ServerCallContext context) =>
        Task.FromResult(new DeleteWorkspaceResponse());

    private async Task<IEnumerable<string>> WarningsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await isolation.GetProblemAsync().WaitAsync(cancellationToken) is { } problem ? [problem] : [];
        }
        catch (IOException)
        {
            // Without a supervisor nothing can be started at all; creating a sandbox says so.
            return [];
        }
    }

    private async Task<MachineSpec> CheckAsync(DriverSandbox? sandbox, CancellationToken cancellationToken)
    {
        if (sandbox?.Spec is null)
        {
            throw new Failure(FailureKind.InvalidArgument, "the sandbox and its spec are required").ToException();
        }

        // Taken ids come first: they say more than that the host could not run another machine.
        ThrowIf(registry.CheckFree(sandbox.Id));
        var outcome = await checks.CheckAsync(SandboxMapper.ToRequest(sandbox), cancellationToken);
        return outcome.Succeeded(out var spec, out var failure) ? spec : throw failure.ToException();
    }

    private Machine Find(string id) => registry.Find(id) ?? throw SandboxFailures.NotFound(id).ToException();

    private static void ThrowIf(Failure? failure)
    {
        if (failure is not null)
        {
            throw failure.ToException();
        }
    }
}
