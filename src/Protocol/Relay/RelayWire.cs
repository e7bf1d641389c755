namespace OpenShell.Protocol.Relay;

/// <summary>
/// Numbers of a relay on the wire. A relay is a gRPC stream of <c>RelayFrame</c> (or of <c>TcpForwardFrame</c>,
/// which has the same shape): proto/openshell/v1/session.proto and forward.proto.
/// </summary>
public static class RelayWire
{
    /// <summary>
    /// Most bytes of data that one frame of ours carries: with its nine bytes of headers it is 64 KiB, four DATA frames of
    /// HTTP/2 to the byte. A few bytes more would travel, and be woken up for, as a fifth.
    /// </summary>
    public const int MaxFrameData = (64 * 1024) - 9;

    /// <summary>Largest message that is accepted from a peer, in bytes.</summary>
    public const int MaxMessage = 4 * 1024 * 1024;

    /// <summary>Path of the RelayStream method.</summary>
    public const string RelayStreamPath = "/openshell.v1.OpenShell/RelayStream";

    /// <summary>Path of the ForwardTcp method.</summary>
    public const string ForwardTcpPath = "/openshell.v1.OpenShell/ForwardTcp";

    /// <summary>
    /// Metadata that names the features a caller knows, comma-separated; the answer to a ForwardTcp names those that the
    /// gateway knows too.
    /// </summary>
    public const string FeaturesHeader = "openshell-features";

    /// <summary>Compressed flag and big-endian length in front of every gRPC message.</summary>
    internal const int GrpcPrefixLength = 5;

    /// <summary>Tag of <c>data = 2</c>, length-delimited.</summary>
    internal const byte DataTag = 0x12;

    /// <summary>A whole message with nothing but <c>end_of_stream = 1000</c>: prefix, two-byte tag, length 0.</summary>
    internal static ReadOnlySpan<byte> EndOfStreamMessage => [0, 0, 0, 0, 3, 0xC2, 0x3E, 0];
}
