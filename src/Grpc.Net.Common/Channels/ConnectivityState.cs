namespace Grpc.Core;

/// <summary>Whether a channel has a connection.</summary>
public enum ConnectivityState
{
    /// <summary>Not connected, and not trying until there is a call.</summary>
    Idle = 0,

    /// <summary>Connecting.</summary>
    Connecting = 1,

    /// <summary>Connected.</summary>
    Ready = 2,

    /// <summary>Connecting failed; it is tried again after a while.</summary>
    TransientFailure = 3,

    /// <summary>The channel is ended for good.</summary>
    Shutdown = 4,
}
