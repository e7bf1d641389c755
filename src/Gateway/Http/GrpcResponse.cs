using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Http;

/// <summary>Answers gRPC calls that no gRPC library serves.</summary>
internal static class GrpcResponse
{
    /// <summary>Sets the headers of an answer that streams.</summary>
    public static void Begin(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "application/grpc";
    }

    /// <summary>Ends the answer with a status: in the headers if nothing was sent yet, else in the trailers.</summary>
    public static async Task EndAsync(HttpContext context, StatusCode code, string message)
    {
        var status = ((int)code).ToString(CultureInfo.InvariantCulture);
        if (!context.Response.HasStarted)
        {
            Begin(context);
            context.Response.Headers["grpc-status"] = status;
            if (message.Length > 0)
            {
                context.Response.Headers["grpc-message"] = Uri.EscapeDataString(HarmlessText.Lines(message));
            }
        }
        else if (context.Features.Get<IHttpResponseTrailersFeature>() is { Trailers.IsReadOnly: false } trailers)
        {
            trailers.Trailers["grpc-status"] = status;
            if (message.Length > 0)
            {
                trailers.Trailers["grpc-message"] = Uri.EscapeDataString(HarmlessText.Lines(message));
            }
        }

        await context.Response.CompleteAsync();
    }
}
