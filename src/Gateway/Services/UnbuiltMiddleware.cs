using Grpc.Core;
using OpenShell.Gateway.Http;

namespace OpenShell.Gateway.Services;

/// <summary>
/// Answers calls of methods that are not built with what they wait for. Their requests have come in whole: the server resets
/// a call that is answered before, and a client may take the reset for the answer.
/// </summary>
internal sealed class UnbuiltMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) => UnbuiltMethods.Find(context.Request.Path.Value ?? "") is { } unbuilt
        ? GrpcResponse.EndAsync(context, StatusCode.Unimplemented, unbuilt)
        : next(context);
}
