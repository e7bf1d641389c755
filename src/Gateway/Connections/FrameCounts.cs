namespace OpenShell.Gateway.Connections;

/// <summary>Frames of the kinds that cost us something and their sender next to nothing.</summary>
internal record struct FrameCounts
{
    /// <summary>RST_STREAM: each is a call that was begun in vain.</summary>
    public int Resets { get; set; }

    /// <summary>PING, each of which is answered.</summary>
    public int Pings { get; set; }

    /// <summary>
    /// What a client has few reasons to send: SETTINGS, CONTINUATION, PRIORITY, GOAWAY, DATA without data that ends no
    /// stream, and frames of unknown types.
    /// </summary>
    public int Needless { get; set; }

    /// <summary>Whether there was any.</summary>
    public readonly bool Any => (Resets | Pings | Needless) != 0;
}
