namespace OpenShell.Protocol.Relay;

/// <summary>Opens the supervisor's end of a relay: the RelayStream method, called without a gRPC library.</summary>
public static class RelayClient
{
    /// <summary>Calls RelayStream, claims the channel and returns the relay once the gateway has accepted it.</summary>
    /// <param name="http">Carries HTTP/2 to the gateway.</param>
    /// <param name="baseAddress">Scheme and authority of the gateway.</param>
    /// <param name="token">The sandbox token; without "Bearer".</param>
    /// <param name="peerKnowsEndOfStream">Whether the session negotiated <see cref="RelayFeatures.EndOfStream"/>.</param>
    /// <exception cref="RelayRefusedException">The gateway refused the channel.</exception>
    /// <exception cref="HttpRequestException">The gateway cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke meanwhile.</exception>
    public static Task<RelayConnection> OpenAsync(
        HttpMessageInvoker http,
        Uri baseAddress,
        string token,
        string channelId,
        bool peerKnowsEndOfStream,
        CancellationToken cancellationToken) =>
        RelayCall.OpenAsync(
            http,
            new Uri(baseAddress, RelayWire.RelayStreamPath),
            token,
            writer => writer.WriteInit(channelId),
            peerKnowsEndOfStream,
            cancellationToken);
}
