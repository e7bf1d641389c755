using Grpc.Core.Interceptors;

namespace OpenShell.GrpcAbstractions.RoundTrip;

public sealed class RecordingServerInterceptor(ServerCalls calls) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation)
    {
        calls.Intercepted.Enqueue($"unary {context?.Method}");
        return base.UnaryServerHandler(request, context!, continuation);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        calls.Intercepted.Enqueue($"server streaming {context?.Method}");
        return base.ServerStreamingServerHandler(request, responseStream, context!, continuation);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        calls.Intercepted.Enqueue($"client streaming {context?.Method}");
        return base.ClientStreamingServerHandler(requestStream, context!, continuation);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        calls.Intercepted.Enqueue($"duplex {context?.Method}");
        return base.DuplexStreamingServerHandler(requestStream, responseStream, context!, continuation);
    }
}
