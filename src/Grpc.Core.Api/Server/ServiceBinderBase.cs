namespace Grpc.Core;

/// <summary>Collects the methods of a service. Each member may be overridden; those that are not throw.</summary>
public abstract class ServiceBinderBase
{
    /// <summary>Adds a unary method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="handler">Its handler; null when only the list of methods is wanted.</param>
    /// <exception cref="NotImplementedException">The binder does not take such methods.</exception>
    public virtual void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        UnaryServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class => throw new NotImplementedException();

    /// <summary>Adds a client streaming method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="handler">Its handler; null when only the list of methods is wanted.</param>
    /// <exception cref="NotImplementedException">The binder does not take such methods.</exception>
    public virtual void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        ClientStreamingServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class => throw new NotImplementedException();

    /// <summary>Adds a server streaming method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="handler">Its handler; null when only the list of methods is wanted.</param>
    /// <exception cref="NotImplementedException">The binder does not take such methods.</exception>
    public virtual void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        ServerStreamingServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class => throw new NotImplementedException();

    /// <summary>Adds a duplex streaming method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="handler">Its handler; null when only the list of methods is wanted.</param>
    /// <exception cref="NotImplementedException">The binder does not take such methods.</exception>
    public virtual void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        DuplexStreamingServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class => throw new NotImplementedException();
}
