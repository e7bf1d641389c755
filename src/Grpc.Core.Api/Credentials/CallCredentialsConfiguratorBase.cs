namespace Grpc.Core;

/// <summary>How a transport learns what call credentials consist of. For transports only.</summary>
public abstract class CallCredentialsConfiguratorBase
{
    /// <summary>The credentials are these, all of them.</summary>
    public abstract void SetCompositeCredentials(object state, IReadOnlyList<CallCredentials> credentials);

    /// <summary>The credentials are what this function adds.</summary>
    public abstract void SetAsyncAuthInterceptorCredentials(object state, AsyncAuthInterceptor interceptor);
}
