using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using OpenShell.Gateway.Admission;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>
/// Around every method that changes something: its work goes on when the client goes, and a request with a request_id is done
/// at most once. 1. The id, the caller and all that the request alone shows are checked, and its workspace is looked for: what
/// is refused until here leaves the id unused. 2. The request is stored, or one with its id is found. 3. The service does its
/// work. 4. Its success is stored. A repeat gets that success again; one that has no success to be told of is refused.
/// </summary>
internal sealed class MutationInterceptor(
    RequestAdmission admission, WorkspaceDirectory workspaces, GatewayShutdown shutdown, IServiceProvider services) : Interceptor
{
    /// <summary>Response metadata of an answer that was given before.</summary>
    public const string ReplayedHeader = "openshell-replayed";

    private const int MaxRequestBytes = 4 * 1024 * 1024;

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        if (!RequestFields<TRequest>.HasRequestId)
        {
            return continuation(request, context);
        }

        var call = new DetachedCall(context, shutdown.Stopping);
        return RequestFields<TRequest>.RequestId(request).Length > 0 && services.GetService<Mutation<TRequest, TResponse>>() is { } mutation
            ? ServeOnceAsync(mutation, request, call, continuation)
            : continuation(request, call);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        request is ExecSandboxRequest { RequestId.Length: > 0 } start
            ? LaunchOnceAsync(start, interactive: false, responseStream, context, stream => continuation(request, stream, context))
            : continuation(request, responseStream, context);

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        if (typeof(TRequest) != typeof(ExecSandboxInput))
        {
            await continuation(requestStream, responseStream, context);
            return;
        }

        var peeked = new PeekedStream<TRequest>(requestStream);
        if (await peeked.PeekAsync(context.CancellationToken) is ExecSandboxInput { Start: { RequestId.Length: > 0 } start })
        {
            await LaunchOnceAsync(start, interactive: true, responseStream, context, stream => continuation(peeked, stream, context));
        }
        else
        {
            await continuation(peeked, responseStream, context);
        }
    }

    private async Task<TResponse> ServeOnceAsync<TRequest, TResponse>(
        Mutation<TRequest, TResponse> mutation, TRequest request, DetachedCall call, UnaryServerMethod<TRequest, TResponse> continuation)
        where TRequest : class
        where TResponse : class
    {
        var user = CheckCaller(request, call);
        mutation.CheckShape(request);
        var workspace = RequestFields<TRequest>.HasWorkspace
            ? await workspaces.FindAsync(RequestFields<TRequest>.Workspace(request), call.CancellationToken)
            : null;
        mutation.CheckContent(request);
        var decision = await EnterAsync(request, user, call, workspace, mutation.Kind);
        if (decision.Known is { } known)
        {
            var answer = await mutation.ReplayAsync(known.Result, call.CancellationToken)
                ?? throw RequestAdmission.CannotReplay("what it was about is gone or was changed since").ToException();
            await call.WriteResponseHeadersAsync(new Metadata { { ReplayedHeader, "true" } });
            return answer;
        }

        using var admitted = decision.Admitted;
        TResponse response;
        try
        {
            response = await continuation(request, call);
        }
        catch
        {
            await admitted!.FailAsync();
            throw;
        }

        await admitted!.CompleteAsync(mutation.ToResult(response));
        return response;
    }

    // The id guards the launch only: a stream cannot be given again.
    private async Task LaunchOnceAsync<TResponse>(
        ExecSandboxRequest request,
        bool interactive,
        IServerStreamWriter<TResponse> events,
        ServerCallContext context,
        Func<IServerStreamWriter<TResponse>, Task> continuation)
        where TResponse : class
    {
        var user = CheckCaller(request, context);
        ExecRequestMapping.ToRequest(request, interactive);
        var workspace = await workspaces.FindAsync(request.WorkspaceScope, context.CancellationToken);
        SandboxName.Require(request.Sandbox);
        var decision = await EnterAsync(request, user, context, workspace, RequestKind.Stream);
        if (decision.Known is not null)
        {
            throw new Failure(
                FailureKind.FailedPrecondition,
                $"request_id '{request.RequestId}' was used before, and its command has ended; take a new one to run it again")
            {
                Reason = ErrorReasons.RequestStreamUnavailable,
            }.ToException();
        }

        using var admitted = decision.Admitted;
        var watched = new WatchedStream<TResponse>(events);
        try
        {
            await continuation(watched);
            await admitted!.CompleteAsync(new RequestResult());
        }
        catch
        {
            // Once launched it is over, and however it ended, nobody has to look for what became of it.
            await (watched.HasWritten ? admitted!.CompleteAsync(new RequestResult()) : admitted!.FailAsync());
            throw;
        }
    }

    private static UserPrincipal CheckCaller<TRequest>(TRequest request, ServerCallContext context)
        where TRequest : class
    {
        if (!RequestIds.IsValid(RequestFields<TRequest>.RequestId(request)))
        {
            throw GrpcErrors.InvalidField("request_id", "must be a nonzero hyphenated UUID (36 characters)");
        }

        if (context.GetPrincipal() is not UserPrincipal user)
        {
            throw new Failure(FailureKind.PermissionDenied, "request admission requires a user principal").ToException();
        }

        return ((IMessage)request).CalculateSize() <= MaxRequestBytes
            ? user
            : throw new Failure(FailureKind.ResourceExhausted, "mutation request exceeds 4 MiB").ToException();
    }

    private async Task<AdmissionDecision> EnterAsync<TRequest>(
        TRequest request, UserPrincipal user, ServerCallContext call, WorkspaceRecord? workspace, RequestKind kind)
        where TRequest : class
    {
        var id = RequestFields<TRequest>.RequestId(request).ToLowerInvariant();
        var key = new RequestKey(user.IdentityProvider, Issuer: "", user.Subject, call.Method, workspace?.Name ?? "", id);
        var decision = await admission.EnterAsync(
            key, workspace?.Id ?? "", RequestFields<TRequest>.Canonical(request), kind, call.CancellationToken);
        return decision.Refusal is { } refusal ? throw refusal.ToException() : decision;
    }
}
