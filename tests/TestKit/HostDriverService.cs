using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Peers;

namespace OpenShell.TestKit;

/// <summary>The driver's contract over <see cref="NamespacedSupervisor"/>s.</summary>
public sealed class HostDriverService(string directory, string supervisorEndpoint, string? networkNamespace = null) : ComputeDriver.ComputeDriverBase
{
    private readonly ConcurrentDictionary<string, NamespacedSupervisor> _machines = new();
    private readonly ConcurrentDictionary<Guid, Channel<WatchSandboxesEvent>> _watchers = new();

    /// <summary>Set to refuse creations with this.</summary>
    public Status? CreateFailure { get; set; }

    /// <summary>Runs before an orderly stop of a machine, as a guest that takes its time does.</summary>
    public Func<NamespacedSupervisor, Task>? BeforeStop { get; set; }

    /// <summary>The machine of a sandbox.</summary>
    public NamespacedSupervisor Machine(string sandboxId) => _machines[sandboxId];

    /// <summary>The number of machines, stopped ones too.</summary>
    public int Count => _machines.Count;

    /// <summary>Ends all supervisors.</summary>
    public void KillAll()
    {
        foreach (var machine in _machines.Values)
        {
            machine.Dispose();
        }
    }

    /// <summary>Reports the machine of a sandbox as failed.</summary>
    public void ReportFailure(string sandboxId, string reason, string message)
    {
        var machine = _machines[sandboxId];
        machine.SetCondition("Ready", "False", reason, message);
        Publish(new WatchSandboxesEvent { Sandbox = new WatchSandboxesSandboxEvent { Sandbox = machine.ToMessage() } });
    }

    /// <summary>Loses a machine, as if somebody else had removed it, and says so.</summary>
    public void Lose(string sandboxId)
    {
        _machines.TryRemove(sandboxId, out var machine);
        machine?.Dispose();
        Publish(new WatchSandboxesEvent { Deleted = new WatchSandboxesDeletedEvent { SandboxId = sandboxId } });
    }

    /// <inheritdoc/>
    public override Task<GetCapabilitiesResponse> GetCapabilities(GetCapabilitiesRequest request, ServerCallContext context) =>
        Task.FromResult(new GetCapabilitiesResponse
        {
            DriverName = "host",
            DriverVersion = "test",
            DefaultImage = "none",
            GatewayManagesLifecycle = true,
            Extension = ComputeContract.Describe("host", "test"),
        });

    /// <inheritdoc/>
    public override Task<ValidateSandboxCreateResponse> ValidateSandboxCreate(ValidateSandboxCreateRequest request, ServerCallContext context) =>
        Task.FromResult(new ValidateSandboxCreateResponse());

    /// <inheritdoc/>
    public override Task<CreateSandboxResponse> CreateSandbox(CreateSandboxRequest request, ServerCallContext context)
    {
        if (CreateFailure is { } failure)
        {
            throw new RpcException(failure);
        }

        var machine = new NamespacedSupervisor(request.Sandbox, directory, supervisorEndpoint, networkNamespace);
        _machines[request.Sandbox.Id] = machine;
        machine.Start(request.Sandbox.Spec.SandboxToken);
        Publish(new WatchSandboxesEvent { Sandbox = new WatchSandboxesSandboxEvent { Sandbox = machine.ToMessage() } });
        return Task.FromResult(new CreateSandboxResponse());
    }

    /// <inheritdoc/>
    public override Task<GetSandboxResponse> GetSandbox(GetSandboxRequest request, ServerCallContext context) =>
        Task.FromResult(new GetSandboxResponse { Sandbox = Find(request.SandboxId).ToMessage() });

    /// <inheritdoc/>
    public override Task<ListSandboxesResponse> ListSandboxes(ListSandboxesRequest request, ServerCallContext context) =>
        Task.FromResult(new ListSandboxesResponse { Sandboxes = { _machines.Values.Select(m => m.ToMessage()) } });

    /// <inheritdoc/>
    public override async Task<StopSandboxResponse> StopSandbox(StopSandboxRequest request, ServerCallContext context)
    {
        var machine = Find(request.SandboxId);
        if (request.Force)
        {
            machine.Kill();
        }
        else
        {
            await (BeforeStop?.Invoke(machine) ?? Task.CompletedTask);
        }

        machine.Stop();
        return new StopSandboxResponse();
    }

    /// <inheritdoc/>
    public override Task<StartSandboxResponse> StartSandbox(StartSandboxRequest request, ServerCallContext context)
    {
        var machine = Find(request.SandboxId);
        if (!machine.IsRunning)
        {
            machine.Start(request.SandboxToken);
        }

        return Task.FromResult(new StartSandboxResponse());
    }

    /// <inheritdoc/>
    public override Task<DeleteSandboxResponse> DeleteSandbox(DeleteSandboxRequest request, ServerCallContext context)
    {
        var found = _machines.TryRemove(request.SandboxId, out var machine);
        machine?.Dispose();
        return Task.FromResult(new DeleteSandboxResponse { Deleted = found });
    }

    /// <inheritdoc/>
    public override async Task WatchSandboxes(
        WatchSandboxesRequest request, IServerStreamWriter<WatchSandboxesEvent> responseStream, ServerCallContext context)
    {
        var id = Guid.NewGuid();
        var events = _watchers[id] = Channel.CreateUnbounded<WatchSandboxesEvent>();
        try
        {
            foreach (var machine in _machines.Values)
            {
                await responseStream.WriteAsync(new WatchSandboxesEvent
                {
                    Sandbox = new WatchSandboxesSandboxEvent { Sandbox = machine.ToMessage() },
                });
            }

            await foreach (var next in events.Reader.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(next);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway has gone.
        }
        finally
        {
            _watchers.TryRemove(id, out _);
        }
    }

    private NamespacedSupervisor Find(string id) => _machines.TryGetValue(id, out var machine)
        ? machine
        : throw new RpcException(new Status(StatusCode.NotFound, $"no sandbox {id}"));

    private void Publish(WatchSandboxesEvent next)
    {
        foreach (var watcher in _watchers.Values)
        {
            watcher.Writer.TryWrite(next);
        }
    }
}
