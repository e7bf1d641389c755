using Grpc.Core;
using Grpc.Core.Interceptors;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Services;

/// <summary>
/// Turns what the services throw into statuses: a store that does not answer is UNAVAILABLE (RESOURCE_EXHAUSTED if its disk
/// is full), a call that was given up is CANCELLED, everything else is a defect, logged once, and INTERNAL without its details.
/// </summary>
internal sealed class ErrorInterceptor(GatewayShutdown shutdown, ILogger<ErrorInterceptor> logger) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => continuation(request, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => continuation(request, responseStream, context));

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => continuation(requestStream, context));

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(context, () => continuation(requestStream, responseStream, context));

    private async Task GuardAsync(ServerCallContext context, Func<Task> call) =>
        await GuardAsync<object?>(context, async () =>
        {
            await call();
            return null;
        });

    private async Task<T> GuardAsync<T>(ServerCallContext context, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RpcException e) when (!ReferenceEquals(HarmlessText.Lines(e.Status.Detail), e.Status.Detail))
        {
            // It was not made from a Failure, and has somebody's words in it.
            throw e.Harmless();
        }
        catch (RpcException)
        {
            throw;
        }
        catch (StoreUnavailableException e)
        {
            ServicesLog.StoreUnavailable(logger, context.Method, e.Message);
            throw e.ToException();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException
            || (e is InvalidOperationException && context.CancellationToken.IsCancellationRequested))
        {
            // A broken stream may show before the request is marked as aborted, and one that is marked may not be written
            // to any more (InvalidOperationException); it is the peer's end either way.
            throw new RpcException(shutdown.Stopping.IsCancellationRequested
                ? new Status(StatusCode.Unavailable, "the gateway is shutting down")
                : new Status(StatusCode.Cancelled, "the call was cancelled"));
        }
        catch (Exception e)
        {
            ServicesLog.Defect(logger, e, context.Method);
            throw new RpcException(new Status(StatusCode.Internal, "internal error; the gateway's log has the details"));
        }
    }
}
