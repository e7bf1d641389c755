using Grpc.Core;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>The two directions of a session, and its heartbeats. One writer, one reader; when one ends, both do.</summary>
internal sealed class SessionLoop(SupervisorSession session, RelayBroker relays, SupervisorSessionOptions options, TimeProvider time)
{
    private long _lastHeard;

    public async Task RunAsync(
        IAsyncStreamReader<SupervisorMessage> input, IServerStreamWriter<GatewayMessage> output, CancellationToken cancellationToken)
    {
        _lastHeard = time.GetTimestamp();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Ended);
        var receiving = ReceiveAsync(input, over.Token);
        var sending = SendAsync(output, over.Token);
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
        using var heartbeat = new PeriodicTimer(options.HeartbeatInterval, time);
        var tick = heartbeat.WaitForNextTickAsync(cancellationToken).AsTask();
        var command = session.Commands.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            if (await Task.WhenAny(command, tick) == tick)
            {
                await tick;
                if (time.GetElapsedTime(Volatile.Read(ref _lastHeard)) > options.HeartbeatInterval * SupervisorSessionOptions.SilentIntervals)
                {
                    session.End(SessionEnd.Silent);
                    return;
                }

                await output.WriteAsync(new GatewayMessage { Heartbeat = new GatewayHeartbeat() }, cancellationToken);
                tick = heartbeat.WaitForNextTickAsync(cancellationToken).AsTask();
                continue;
            }

            if (!await command)
            {
                return;
            }

            while (session.Commands.TryRead(out var next))
            {
                await output.WriteAsync(SessionMapping.ToMessage(next), cancellationToken);
            }

            command = session.Commands.WaitToReadAsync(cancellationToken).AsTask();
        }
    }
}
