namespace OpenShell.Gateway.Connections;

/// <summary>The frame that ends an HTTP/2 connection (RFC 9113, section 6.8).</summary>
internal static class GoAway
{
    /// <summary>Length 8, type 7, stream 0; any stream may have been looked at; ENHANCE_YOUR_CALM (0xb).</summary>
    public static ReadOnlySpan<byte> EnhanceYourCalm => [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0xb];
}
