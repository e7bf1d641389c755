using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Supervisors;

/// <summary>Makes the loops of sessions, with what all of them use.</summary>
internal sealed class SessionLoops(RelayBroker relays, SandboxTokens tokens, SessionClock clock, TimeProvider time)
{
    public TimeSpan HeartbeatInterval => clock.HeartbeatInterval;

    /// <summary>A loop that has not begun. If the token that the session was opened with is about to end, a new one is queued already.</summary>
    public SessionLoop Create(SupervisorSession session, DateTimeOffset tokenExpires)
    {
        var renewal = new TokenRenewer(session, tokens, tokenExpires, clock.HeartbeatInterval, time);
        renewal.SendIfDue();
        return new SessionLoop(session, relays, renewal, clock, time);
    }
}

/// <summary>
/// The two directions of a session, and its heartbeats: one writer, one reader, and a clock that depends on neither, so
/// that a write that does not return cannot hide a peer that says nothing. When one ends, all do. A heartbeat is answered
/// with one; the clock adds its own only where a peer is silent for an interval.
/// </summary>
internal sealed class SessionLoop(
    SupervisorSession session, RelayBroker relays, TokenRenewer renewal, SessionClock clock, TimeProvider time)
{
    // A message a relay at most, beside heartbeats, each of which is answered. Who sends more is read more slowly.
    private const int Messages = 5000;
    private const int MessagesPerSecond = 1000;

    private TokenBucket _messages = new(Messages, MessagesPerSecond, time.GetTimestamp());
    private long _lastHeard;
    private long _lastHeartbeat;

    public async Task RunAsync(ISupervisorStream stream, CancellationToken cancellationToken)
    {
        _lastHeard = _lastHeartbeat = time.GetTimestamp();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Ended);
        var receiving = ReceiveAsync(stream, over.Token);
        var sending = SendAsync(stream, over.Token);
        // Ends the session, and with it sending, where the peer is silent.
        using var checking = clock.Add(CheckHeartbeat);
        try
        {
            await await Task.WhenAny(receiving, sending);
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(receiving, sending).ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task ReceiveAsync(ISupervisorStream stream, CancellationToken cancellationToken)
    {
        while (await stream.ReadAsync(cancellationToken) is { } message)
        {
            Volatile.Write(ref _lastHeard, time.GetTimestamp());
            switch (message)
            {
                case HeartbeatMessage heartbeat:
                    SendHeartbeat(heartbeat.SentAt);
                    break;
                case RelayFailedMessage failed:
                    relays.Fail(failed.ChannelId, session.SandboxId, failed.Error);
                    break;
                case RelayClosedMessage closed:
                    relays.Close(closed.ChannelId, session.SandboxId, closed.Reason);
                    break;
            }

            if (_messages.Take(1, time) is var pause && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    private async Task SendAsync(ISupervisorStream stream, CancellationToken cancellationToken)
    {
        await foreach (var command in session.Commands.ReadAllAsync(cancellationToken))
        {
            await stream.WriteAsync(command, cancellationToken);
        }
    }

    private void CheckHeartbeat()
    {
        if (time.GetElapsedTime(Volatile.Read(ref _lastHeard)) > clock.HeartbeatInterval * SupervisorSessionOptions.SilentIntervals)
        {
            session.End(SessionEnd.Silent);
            return;
        }

        renewal.SendIfDue();
        if (time.GetElapsedTime(Volatile.Read(ref _lastHeartbeat)) >= clock.HeartbeatInterval)
        {
            SendHeartbeat(null);
        }
    }

    private void SendHeartbeat(long? answersSentAt)
    {
        Volatile.Write(ref _lastHeartbeat, time.GetTimestamp());
        session.TrySend(session.Features.Contains(RelayFeatures.Clock) ? new HeartbeatCommand(true, answersSentAt) : HeartbeatCommand.Instance);
    }
}
