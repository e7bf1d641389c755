using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>Session commands as messages.</summary>
internal static class SessionMapping
{
    /// <param name="command">What to say.</param>
    /// <param name="now">When it is said.</param>
    public static GatewayMessage ToMessage(SessionCommand command, DateTimeOffset now) => command switch
    {
        OpenRelayCommand open => new GatewayMessage { RelayOpen = ToRelayOpen(open) },
        CloseRelayCommand close => new GatewayMessage
        {
            RelayClose = new RelayClose { ChannelId = close.ChannelId, Reason = close.Reason },
        },
        HeartbeatCommand heartbeat => new GatewayMessage { Heartbeat = ToHeartbeat(heartbeat, now) },
        RenewTokenCommand renew => new GatewayMessage
        {
            TokenRenewal = new TokenRenewal { Token = renew.Token, ExpiresAtMs = renew.Expires.ToUnixTimeMilliseconds() },
        },
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "no message for this command"),
    };

    private static GatewayHeartbeat ToHeartbeat(HeartbeatCommand command, DateTimeOffset now)
    {
        var heartbeat = new GatewayHeartbeat();
        if (command.TellsTime)
        {
            heartbeat.TimeUs = (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            if (command.AnswersSentAt is { } sentAt)
            {
                heartbeat.AnswersSentAt = sentAt;
            }
        }

        return heartbeat;
    }

    // A target that has no case here must not go out: a supervisor takes a message without one for its SSH server.
    private static RelayOpen ToRelayOpen(OpenRelayCommand open)
    {
        var message = new RelayOpen { ChannelId = open.ChannelId, ServiceId = open.ServiceId };
        switch (open.Target)
        {
            case ExecTarget:
                message.Exec = new ExecRelayTarget();
                break;
            case SshTarget:
                message.Ssh = new SshRelayTarget();
                break;
            case TcpTarget tcp:
                message.Tcp = new TcpRelayTarget { Host = tcp.Host, Port = (uint)tcp.Port };
                break;
            case ListenTarget listen:
                message.Listen = new TcpListenRelayTarget { Host = listen.Host, Port = (uint)listen.Port, ListenerId = listen.ListenerId };
                break;
            case AcceptedTarget accepted:
                message.Accepted = new TcpAcceptedRelayTarget { ListenerId = accepted.ListenerId, ConnectionId = accepted.ConnectionId };
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(open), open.Target, "no message for this relay target");
        }

        return message;
    }
}
