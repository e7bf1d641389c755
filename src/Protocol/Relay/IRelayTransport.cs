namespace OpenShell.Protocol.Relay;

/// <summary>The HTTP/2 stream under a relay: the client's end in a supervisor, the server's end in a gateway.</summary>
public interface IRelayTransport
{
    /// <summary>True on the client's end: the server ends the stream.</summary>
    bool PeerEndsStream { get; }

    /// <summary>
    /// Cancelled once the stream is known to be broken, also while it is neither read nor written; a transport that cannot
    /// detect this never does.
    /// </summary>
    CancellationToken Broken => CancellationToken.None;

    /// <summary>Ends the direction away from us, the plain gRPC way. On a server this ends the call. Idempotent.</summary>
    ValueTask CompleteWritesAsync();

    /// <summary>Called when the peer's direction has ended.</summary>
    /// <exception cref="IOException">It ended with a status other than OK, which is in the message.</exception>
    void ThrowIfFailed();

    /// <summary>Resets the stream. Idempotent, and harmless after <see cref="CloseAsync"/>.</summary>
    void Abort();

    /// <summary>Gives the stream back. Idempotent.</summary>
    /// <param name="clean">Both sides are done; otherwise the stream is reset.</param>
    ValueTask CloseAsync(bool clean);
}
