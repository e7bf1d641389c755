using Grpc.AspNetCore.Server;
using Grpc.Core;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>
/// The exec methods of the public API. A service of its own because the gRPC library has one limit for the messages of a
/// service, and a start is far larger than anything else may be.
/// </summary>
internal sealed class ExecService(ExecApi exec) : Protocol.V1.OpenShell.OpenShellBase
{
    private static readonly string[] Methods = [nameof(ExecSandbox), nameof(ExecSandboxInteractive)];

    public override Task ExecSandbox(
        ExecSandboxRequest request, IServerStreamWriter<ExecSandboxEvent> responseStream, ServerCallContext context) =>
        exec.ExecAsync(request, responseStream, context.CancellationToken);

    public override Task ExecSandboxInteractive(
        IAsyncStreamReader<ExecSandboxInput> requestStream,
        IServerStreamWriter<ExecSandboxEvent> responseStream,
        ServerCallContext context) =>
        exec.ExecInteractiveAsync(requestStream, responseStream, context.CancellationToken);

    /// <summary>Both services answer at the same paths: this one comes first for its own methods, and last for the others.</summary>
    public static void Order(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<GrpcMethodMetadata>().FirstOrDefault() is { } served)
        {
            ((RouteEndpointBuilder)endpoint).Order = Methods.Contains(served.Method.Name) ? -1 : 1;
        }
    }
}
