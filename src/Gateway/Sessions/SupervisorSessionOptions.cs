namespace OpenShell.Gateway.Sessions;

/// <summary>How sessions are kept.</summary>
/// <param name="HeartbeatInterval">Time between heartbeats, both ways.</param>
internal sealed record SupervisorSessionOptions(TimeSpan HeartbeatInterval)
{
    /// <summary>A session that is silent for this many intervals is over.</summary>
    public const int SilentIntervals = 3;
}
