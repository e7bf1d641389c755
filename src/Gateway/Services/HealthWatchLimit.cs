using Grpc.Core;
using Grpc.Core.Interceptors;
using OpenShell.Gateway.Connections;

namespace OpenShell.Gateway.Services;

/// <summary>Bounds the library's health watches: nobody has to show a token for one, so there are few, and never one peer has them all.</summary>
internal sealed class HealthWatchLimit : Interceptor
{
    public const int MaxWatches = 64;
    public const int MaxWatchesPerConnection = 4;

    private const string Watch = "/grpc.health.v1.Health/Watch";

    private readonly StreamSlots _watches = new("health watches", MaxWatches, MaxWatchesPerConnection);

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        if (context.Method != Watch)
        {
            await continuation(request, responseStream, context);
            return;
        }

        var (place, refusal) = _watches.Take(context.GetHttpContext().Connection.Id);
        using var _ = place;
        if (refusal is not null)
        {
            throw refusal.ToException();
        }

        await continuation(request, responseStream, context);
    }
}
