using Grpc.Core;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>
/// The two directions of a session, and its clock: one writer, one reader, and a beat that depends on neither, so that
/// a write that does not return cannot hide a peer that says nothing. When one ends, all do.
/// </summary>
internal sealed class SessionLoop(
    SupervisorSession session, RelayBroker relays, TokenRenewer renewal, SupervisorSessionOptions options, TimeProvider time)
{
    private long _lastHeard;

    public async Task RunAsync(
        IAsyncStreamReader<SupervisorMessage> input, IServerStreamWriter<GatewayMessage> output, CancellationToken cancellationToken)
    {
        _lastHeard = time.GetTimestamp();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Ended);
        var receiving = ReceiveAsync(input, over.Token);
        var sending = SendAsync(output, over.Token);
        var beating = BeatAsync(over.Token);
        try
        {
            await await Task.WhenAny(receiving, sending, beating);
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(receiving, sending, beating).ContinueWith(
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
                case SupervisorMessage.PayloadOneofCase.RelayOpenResult when !message.RelayOpenResult.Success:
                    relays.Fail(message.RelayOpenResult.ChannelId, session.SandboxId, message.RelayOpenResult.Error);
                    break;
                case SupervisorMessage.PayloadOneofCase.RelayClose:
                    relays.Close(message.RelayClose.ChannelId, session.SandboxId, message.RelayClose.Reason);
                    break;
            }
        }
    }

    private async Task SendAsync(IServerStreamWriter<GatewayMessage> output, CancellationToken cancellationToken)
    {
        await foreach (var command in session.Commands.ReadAllAsync(cancellationToken))
        {
            await output.WriteAsync(SessionMapping.ToMessage(command), cancellationToken);
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        using var heartbeat = new PeriodicTimer(options.HeartbeatInterval, time);
        while (await heartbeat.WaitForNextTickAsync(cancellationToken))
        {
            if (time.GetElapsedTime(Volatile.Read(ref _lastHeard)) > options.HeartbeatInterval * SupervisorSessionOptions.SilentIntervals)
            {
                session.End(SessionEnd.Silent);
                return;
            }

            renewal.SendIfDue();
            session.TrySend(HeartbeatCommand.Instance);
        }
    }
}
