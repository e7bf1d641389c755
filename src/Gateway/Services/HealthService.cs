using Grpc.Core;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Hosting;
using OpenShell.Protocol.Health.V1;
using OpenShell.Protocol.Outcomes;
using Serving = OpenShell.Protocol.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace OpenShell.Gateway.Services;

/// <summary>The standard gRPC health service.</summary>
internal sealed class HealthService(GatewayHealth health, TimeProvider time) : Health.HealthBase
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(5);
    private static readonly string[] Known = ["", "openshell.v1.OpenShell", "grpc.health.v1.Health"];

    // Nobody has to say who they are: few, then, and never one who takes them all.
    private readonly StreamSlots _watches = new("health watches", 64, 4);

    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        Known.Contains(request.Service)
            ? new HealthCheckResponse { Status = await StatusAsync(context.CancellationToken) }
            : throw new Failure(FailureKind.NotFound, $"there is no service '{request.Service}'").ToException();

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        var (place, refusal) = _watches.Take(context.GetHttpContext().Connection.Id);
        using var _ = place;
        if (refusal is not null)
        {
            throw refusal.ToException();
        }

        var token = context.CancellationToken;
        Serving? last = null;
        using var timer = new PeriodicTimer(WatchInterval, time);
        do
        {
            var status = Known.Contains(request.Service) ? await StatusAsync(token) : Serving.ServiceUnknown;
            if (status != last)
            {
                last = status;
                await responseStream.WriteAsync(new HealthCheckResponse { Status = status }, token);
            }
        }
        while (await timer.WaitForNextTickAsync(token));
    }

    private async Task<Serving> StatusAsync(CancellationToken cancellationToken) =>
        (await health.CheckDatabaseAsync(cancellationToken)).Error is null ? Serving.Serving : Serving.NotServing;
}
