namespace OpenShell.Gateway.Connections;

/// <summary>Why we end a connection; a label in metrics.</summary>
internal enum PeerEnd
{
    /// <summary>Too many streams were reset.</summary>
    Resets,

    /// <summary>Too many pings.</summary>
    Pings,

    /// <summary>Too many frames that say nothing.</summary>
    NeedlessFrames,

    /// <summary>Too many bytes without a token.</summary>
    Bytes,

    /// <summary>Without a token and without a call for too long.</summary>
    Idle,

    /// <summary>The longest idle one without a token, for one more.</summary>
    Evicted,

    /// <summary>The process has no descriptor to spare.</summary>
    Descriptors,

    /// <summary>The sandbox's oldest, for one more.</summary>
    SandboxConnections,
}
