namespace OpenShell.Protocol.Relay;

/// <summary>The HTTP/2 stream under a relay: the client's end in a supervisor, the server's end in a gateway.</summary>
public interface IRelayTransport
{
    /// <summary>True on the client's end: the server ends the stream.</summary>
    bool PeerEndsStream { get; }

    /// <summary>
    /// Cancelled once the peer takes nothing more, also while the stream is neither read nor written; a transport that cannot
    /// detect this never does.
    /// </summary>
    CancellationToken Broken => CancellationToken.None;

    /// <summary>Called when the peer's direction was cut off before its end.</summary>
    /// <exception cref="IOException">That was not in order.</exception>
    void ThrowIfCutOff() => throw new IOException("The relay was aborted.");

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
