using Grpc.Core;
using OpenShell.Gateway.Http;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Relays;

/// <summary>Reads the frame that every stream of relay frames begins with.</summary>
internal static class RelayFirstFrame
{
    /// <summary>Waits a bounded time for the first frame. The caller advances the reader.</summary>
    /// <returns>Null if there is none; the call has been answered then.</returns>
    public static async Task<RelayRead?> ReadAsync(HttpContext context, RelayFrameReader reader)
    {
        using var tooLate = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        tooLate.CancelAfter(RelayConnection.CloseTimeout);
        try
        {
            return await reader.ReadAsync(tooLate.Token);
        }
        catch (OperationCanceledException)
        {
            await GrpcResponse.EndAsync(context, StatusCode.DeadlineExceeded, "no init frame came");
        }
        catch (RelayProtocolException e)
        {
            await GrpcResponse.EndAsync(context, StatusCode.InvalidArgument, e.Message);
        }
        catch (IOException)
        {
            // The connection broke: nobody is there to be answered.
        }

        return null;
    }
}
