namespace Grpc.Core;

/// <summary>What authenticates single calls, as opposed to the connection.</summary>
public abstract class CallCredentials
{
    /// <summary>Credentials that add what all the given ones add, in order.</summary>
    /// <exception cref="ArgumentException">Fewer than two are given.</exception>
    public static CallCredentials Compose(params CallCredentials[] credentials) => new CompositeCallCredentials(credentials);

    /// <summary>Credentials that a function adds to each call.</summary>
    public static CallCredentials FromInterceptor(AsyncAuthInterceptor interceptor) =>
        new InterceptorCallCredentials(interceptor);

    /// <summary>Tells the transport what these credentials consist of. For transports only.</summary>
    public abstract void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object state);
}
