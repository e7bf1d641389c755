using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace OpenShell.Protocol.Relay;

/// <summary>Reads the gRPC status of a response that was received without a gRPC library.</summary>
internal static class GrpcStatus
{
    /// <summary>A refusal that came instead of a stream; null if the stream stands.</summary>
    public static RelayRefusedException? FromHeaders(HttpResponseMessage response) =>
        response.StatusCode != HttpStatusCode.OK
            ? new RelayRefusedException(StatusCode.Unavailable, $"The gateway answered HTTP {(int)response.StatusCode}.")
            : FromStatus(response.Headers, missingIsFailure: false);

    /// <summary>How a stream ended; null if it ended well.</summary>
    public static RelayRefusedException? FromTrailers(HttpResponseMessage response) =>
        FromStatus(response.TrailingHeaders, missingIsFailure: true);

    private static RelayRefusedException? FromStatus(HttpHeaders headers, bool missingIsFailure)
    {
        if (!headers.TryGetValues("grpc-status", out var values)
            || !int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            return missingIsFailure ? new RelayRefusedException(StatusCode.Unavailable, "The relay ended without a status.") : null;
        }

        return code == 0 ? null : new RelayRefusedException((StatusCode)code, Message(headers));
    }

    private static string Message(HttpHeaders headers) =>
        headers.TryGetValues("grpc-message", out var values) ? Uri.UnescapeDataString(values.FirstOrDefault() ?? "") : "";
}
