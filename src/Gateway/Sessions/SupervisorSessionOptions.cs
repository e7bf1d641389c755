using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Sessions;

/// <summary>How sessions are kept.</summary>
/// <param name="HeartbeatInterval">Time between heartbeats, both ways.</param>
internal sealed record SupervisorSessionOptions(TimeSpan HeartbeatInterval)
{
    /// <summary>A session that is silent for this many intervals is over.</summary>
    public const int SilentIntervals = 3;

    /// <summary>The session features that this gateway knows.</summary>
    public static readonly string[] Features =
        [RelayFeatures.EndOfStream, RelayFeatures.Exec, RelayFeatures.TokenRenewal, RelayFeatures.Listen, RelayFeatures.Clock];
}
