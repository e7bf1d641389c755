namespace Grpc.Core.Interceptors;

/// <summary>Puts interceptors before the handlers of a service definition.</summary>
public static class ServerServiceDefinitionExtensions
{
    /// <summary>The same methods, whose handlers are reached through the interceptor.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static ServerServiceDefinition Intercept(
        this ServerServiceDefinition serverServiceDefinition,
        Interceptor interceptor)
    {
        ArgumentNullException.ThrowIfNull(serverServiceDefinition);
        ArgumentNullException.ThrowIfNull(interceptor);
        return new ServerServiceDefinition(
        [
            binder => serverServiceDefinition.BindService(new InterceptingServiceBinder(binder, interceptor)),
        ]);
    }

    /// <summary>The same methods, whose handlers are reached through the interceptors from the first to the last.</summary>
    /// <exception cref="ArgumentNullException">An argument or an element is null.</exception>
    public static ServerServiceDefinition Intercept(
        this ServerServiceDefinition serverServiceDefinition,
        params Interceptor[] interceptors)
    {
        ArgumentNullException.ThrowIfNull(serverServiceDefinition);
        ArgumentNullException.ThrowIfNull(interceptors);
        for (var i = interceptors.Length - 1; i >= 0; i--)
        {
            serverServiceDefinition = serverServiceDefinition.Intercept(interceptors[i]);
        }

        return serverServiceDefinition;
    }
}
