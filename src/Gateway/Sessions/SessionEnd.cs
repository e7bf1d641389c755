namespace OpenShell.Gateway.Sessions;

/// <summary>Why a session is over. The first reason is kept.</summary>
internal enum SessionEnd
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>The supervisor ended the stream, or its connection broke.</summary>
    PeerGone,

    /// <summary>A newer session of the same sandbox took its place.</summary>
    Superseded,

    /// <summary>Nothing was heard for too long.</summary>
    Silent,

    /// <summary>The supervisor does not read: its command queue is full.</summary>
    Stuck,

    /// <summary>The sandbox is being stopped or deleted.</summary>
    Disconnected,

    /// <summary>The gateway is shutting down.</summary>
    Stopping,
}
