using Grpc.Core;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>
/// The two directions of a session, and its beat: one writer, one reader, and a clock that depends on neither, so that
/// a write that does not return cannot hide a peer that says nothing. When one ends, all do. A heartbeat is answered with
/// one; the clock adds its own only where a peer is silent for an interval.
/// </summary>
internal sealed class SessionLoop(
    SupervisorSession session, RelayBroker relays, TokenRenewer renewal, SessionClock clock, TimeProvider time)
{
    // A message a relay at most, beside heartbeats, each of which is answered. Who sends more is read more slowly.
    private const int Messages = 5000;
    private const int MessagesPerSecond = 1000;

    private TokenBucket _messages = new(Messages, MessagesPerSecond, time.GetTimestamp());
    private long _lastHeard;
    private long _lastBeat;

    public async Task RunAsync(
        IAsyncStreamReader<SupervisorMessage> input, IServerStreamWriter<GatewayMessage> output, CancellationToken cancellationToken)
    {
        _lastHeard = _lastBeat = time.GetTimestamp();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Ended);
        var receiving = ReceiveAsync(input, over.Token);
        var sending = SendAsync(output, over.Token);
        // Ends the session, and with it sending, where the peer is silent.
        using var beating = clock.Add(Beat);
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

    private async Task ReceiveAsync(IAsyncStreamReader<SupervisorMessage> input, CancellationToken cancellationToken)
    {
        while (await input.MoveNext(cancellationToken))
        {
            Volatile.Write(ref _lastHeard, time.GetTimestamp());
            var message = input.Current;
            switch (message.PayloadCase)
            {
                case SupervisorMessage.PayloadOneofCase.Heartbeat:
                    SendHeartbeat(message.Heartbeat.HasSentAt ? message.Heartbeat.SentAt : null);
                    break;
                case SupervisorMessage.PayloadOneofCase.RelayOpenResult when !message.RelayOpenResult.Success:
                    relays.Fail(message.RelayOpenResult.ChannelId, session.SandboxId, message.RelayOpenResult.Error);
                    break;
                case SupervisorMessage.PayloadOneofCase.RelayClose:
                    relays.Close(message.RelayClose.ChannelId, session.SandboxId, message.RelayClose.Reason);
                    break;
            }

            if (_messages.Take(1, time) is var pause && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    private async Task SendAsync(IServerStreamWriter<GatewayMessage> output, CancellationToken cancellationToken)
    {
        await foreach (var command in session.Commands.ReadAllAsync(cancellationToken))
        {
            await output.WriteAsync(SessionMapping.ToMessage(command, time.GetUtcNow()), cancellationToken);
        }
    }

    private void Beat()
    {
        if (time.GetElapsedTime(Volatile.Read(ref _lastHeard)) > clock.HeartbeatInterval * SupervisorSessionOptions.SilentIntervals)
        {
            session.End(SessionEnd.Silent);
            return;
        }

        renewal.SendIfDue();
        if (time.GetElapsedTime(Volatile.Read(ref _lastBeat)) >= clock.HeartbeatInterval)
        {
            SendHeartbeat(null);
        }
    }

    private void SendHeartbeat(long? answersSentAt)
    {
        Volatile.Write(ref _lastBeat, time.GetTimestamp());
        session.TrySend(session.Features.Contains(RelayFeatures.Clock) ? new HeartbeatCommand(true, answersSentAt) : HeartbeatCommand.Instance);
    }
}
