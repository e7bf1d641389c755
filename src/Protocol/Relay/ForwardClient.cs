using OpenShell.Protocol.V1;

namespace OpenShell.Protocol.Relay;

/// <summary>Opens a forwarded stream into a sandbox: the ForwardTcp method, called without a gRPC library.</summary>
public static class ForwardClient
{
    /// <summary>Calls ForwardTcp and returns the stream once the target is connected. The caller owns it.</summary>
    /// <param name="http">Carries HTTP/2 to the gateway.</param>
    /// <param name="baseAddress">Scheme and authority of the gateway.</param>
    /// <param name="token">The caller's own token, without "Bearer"; null if the gateway wants none.</param>
    /// <param name="init">Sandbox, target and the token of a CreateSshSession.</param>
    /// <exception cref="RelayRefusedException">The gateway refused, or the target cannot be had; the message says why.</exception>
    /// <exception cref="HttpRequestException">The gateway cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke meanwhile.</exception>
    public static Task<RelayConnection> OpenAsync(
        HttpMessageInvoker http, Uri baseAddress, string? token, TcpForwardInit init, CancellationToken cancellationToken) =>
        RelayCall.OpenAsync(
            http,
            new Uri(baseAddress, RelayWire.ForwardTcpPath),
            token,
            writer => writer.WriteInit(init),
            peerKnowsEndOfStream: null,
            cancellationToken);
}
