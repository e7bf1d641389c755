using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Supervisors;

/// <summary>
/// Keeps the token of a session's supervisor fresh, if it knows how to take one: a new one goes out at about 80 % of the
/// old one's life. Looked at with every heartbeat and measured in wall time, as tokens are, so that a clock that jumps
/// delays it by one heartbeat at most. Used by one thread at a time.
/// </summary>
internal sealed class TokenRenewer
{
    // 75 to 85 % of the life, so that supervisors that came back together do not renew together.
    private const double EarliestLeft = 0.25;
    private const double Jitter = 0.1;

    private readonly SupervisorSession _session;
    private readonly SandboxTokens _tokens;
    private readonly TimeSpan _heartbeat;
    private readonly TimeProvider _time;
    private DateTimeOffset _due;

    /// <param name="expires">End of the token that the session was opened with; may be past.</param>
    /// <param name="heartbeat">How often it is looked at.</param>
    public TokenRenewer(SupervisorSession session, SandboxTokens tokens, DateTimeOffset expires, TimeSpan heartbeat, TimeProvider time)
    {
        (_session, _tokens, _heartbeat, _time) = (session, tokens, heartbeat, time);
        _due = session.Features.Contains(RelayFeatures.TokenRenewal) ? Due(expires) : DateTimeOffset.MaxValue;
    }

    /// <summary>Sends a new token if it is time for one.</summary>
    public void SendIfDue()
    {
        if (_time.GetUtcNow() < _due)
        {
            return;
        }

        var token = _tokens.Issue(_session.SandboxId, _session.BootEpoch);
        _due = Due(token.Expires);
        _session.TrySend(new RenewTokenCommand(token.Value, token.Expires));
    }

    private DateTimeOffset Due(DateTimeOffset expires)
    {
        var left = _tokens.Lifetime * (EarliestLeft - (Jitter * Random.Shared.NextDouble()));
        // A life of a few heartbeats must not end between two of them.
        return expires - (left > _heartbeat * 2 ? left : _heartbeat * 2);
    }
}
