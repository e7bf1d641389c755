using Grpc.Core;
using OpenShell.Driver.Kit.Watch;
using OpenShell.Protocol.Compute.V1;

namespace OpenShell.Driver.Kit.Tests.Hosting;

/// <summary>A driver that has no sandboxes.</summary>
internal sealed class EmptyDriver(WatchHub hub) : ComputeDriver.ComputeDriverBase
{
    public override Task<GetCapabilitiesResponse> GetCapabilities(GetCapabilitiesRequest request, ServerCallContext context) =>
        Task.FromResult(new GetCapabilitiesResponse { DriverName = "empty" });

    public override async Task WatchSandboxes(
        WatchSandboxesRequest request, IServerStreamWriter<WatchSandboxesEvent> responseStream, ServerCallContext context) =>
        await new WatchSession(hub, () => []).RunAsync(
            driverEvent => responseStream.WriteAsync(driverEvent.ToMessage("empty", _ => new DriverSandbox()), context.CancellationToken),
            context.CancellationToken);
}
