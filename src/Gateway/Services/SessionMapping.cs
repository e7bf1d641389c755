using Google.Protobuf.WellKnownTypes;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Supervisors;
using OpenShell.Protocol.Untrusted;
using OpenShell.Protocol.V1;
using WireMessage = OpenShell.Protocol.V1.SupervisorMessage;

namespace OpenShell.Gateway.Services;

/// <summary>Between the messages of ConnectSupervisor and our records.</summary>
internal static class SessionMapping
{
    // Ours have at most 50 characters.
    private const int LongestWord = 128;

    /// <summary>What a guest calls itself is stored, shown and compared, always in this form.</summary>
    public static string Word(string text) => HarmlessText.Line(text, LongestWord);

    public static Supervisors.SupervisorMessage ToRecord(WireMessage message) => message.PayloadCase switch
    {
        WireMessage.PayloadOneofCase.Hello => new HelloMessage(message.Hello.SandboxId, Word(message.Hello.InstanceId), Word(message.Hello.Version))
        {
            Features = message.Hello.Features,
            ConnectionEpoch = message.Hello.ConnectionEpoch,
            SshHostKeyFingerprint = Word(message.Hello.SshHostKeyFingerprint),
        },
        WireMessage.PayloadOneofCase.Heartbeat => new HeartbeatMessage(message.Heartbeat.HasSentAt ? message.Heartbeat.SentAt : null),
        WireMessage.PayloadOneofCase.RelayOpenResult when !message.RelayOpenResult.Success =>
            new RelayFailedMessage(message.RelayOpenResult.ChannelId, message.RelayOpenResult.Error),
        WireMessage.PayloadOneofCase.RelayClose => new RelayClosedMessage(message.RelayClose.ChannelId, message.RelayClose.Reason),
        _ => new OtherMessage(),
    };

    /// <param name="now">What a heartbeat tells as the time.</param>
    public static GatewayMessage ToMessage(SessionCommand command, DateTimeOffset now) => command switch
    {
        AcceptSessionCommand accept => new GatewayMessage
        {
            SessionAccepted = new SessionAccepted
            {
                SessionId = accept.SessionId,
                HeartbeatInterval = accept.HeartbeatInterval.ToDuration(),
                Features = { accept.Features },
            },
        },
        RejectSessionCommand reject => new GatewayMessage { SessionRejected = new SessionRejected { Reason = reject.Reason } },
        OpenRelayCommand open => new GatewayMessage { RelayOpen = ToRelayOpen(open) },
        CloseRelayCommand close => new GatewayMessage
        {
            RelayClose = new RelayClose { ChannelId = close.ChannelId, Reason = close.Reason },
        },
        HeartbeatCommand heartbeat => new GatewayMessage { Heartbeat = ToHeartbeat(heartbeat, now) },
        RenewTokenCommand renew => new GatewayMessage
        {
            TokenRenewal = new TokenRenewal { Token = renew.Token, ExpirationTime = renew.Expires.ToTimestamp() },
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
