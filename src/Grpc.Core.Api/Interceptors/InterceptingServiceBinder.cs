namespace Grpc.Core.Interceptors;

/// <summary>Wraps each handler in an interceptor on its way to another binder.</summary>
internal sealed class InterceptingServiceBinder(ServiceBinderBase inner, Interceptor interceptor) : ServiceBinderBase
{
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        UnaryServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod<TRequest, TResponse>(
            method,
            handler is null ? null : (request, context) => interceptor.UnaryServerHandler(request, context, handler));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod<TRequest, TResponse>(
            method,
            handler is null ? null : (requestStream, context) => interceptor.ClientStreamingServerHandler(requestStream, context, handler));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod<TRequest, TResponse>(
            method,
            handler is null ? null : (request, responseStream, context) => interceptor.ServerStreamingServerHandler(request, responseStream, context, handler));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod<TRequest, TResponse>(
            method,
            handler is null ? null : (requestStream, responseStream, context) => interceptor.DuplexStreamingServerHandler(requestStream, responseStream, context, handler));
}
