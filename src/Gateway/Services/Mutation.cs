using Grpc.Core;
using OpenShell.Gateway.Admission;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Services;

/// <summary>
/// What <see cref="MutationInterceptor"/> has to know of a method that changes something, to let each request_id in once and to
/// answer a repeat. The service itself knows nothing of it. Registered by its two types.
/// </summary>
internal abstract class Mutation<TRequest, TResponse>
    where TRequest : class
    where TResponse : class
{
    public virtual RequestKind Kind => RequestKind.Change;

    /// <summary>What is checked before the workspace is looked for. What is refused here or in the other check leaves the id unused.</summary>
    /// <exception cref="RpcException">It is wrong.</exception>
    public virtual void CheckShape(TRequest request)
    {
    }

    /// <summary>What is checked once the workspace was found, and needs nothing but the request.</summary>
    /// <exception cref="RpcException">It is wrong.</exception>
    public virtual void CheckContent(TRequest request)
    {
    }

    /// <summary>What is stored of a success.</summary>
    public abstract RequestResult ToResult(TResponse response);

    /// <summary>The answer once more; null: what was made is gone or changed.</summary>
    public abstract Task<TResponse?> ReplayAsync(RequestResult result, CancellationToken cancellationToken);
}
