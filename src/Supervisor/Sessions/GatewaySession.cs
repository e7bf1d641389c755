using System.Threading.Channels;
using Grpc.Core;
using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Clock;
using OpenShell.Supervisor.Gateway;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Relays;

namespace OpenShell.Supervisor.Sessions;

/// <summary>
/// One ConnectSupervisor call: hello, answer, then heartbeats both ways while relays are opened and closed. It ends
/// when the gateway ends it, is silent for three heartbeats, or the connection breaks.
/// </summary>
internal sealed class GatewaySession(
    SessionIdentity identity, SandboxToken token, ActiveRelays relays, ClockSynchronizer? clock, SupervisorLog log, TimeProvider time) : ISessionOutbox
{
    // As the gateway does with a silent supervisor: a late heartbeat or two must not cost the relays of a sandbox.
    private const int SilentIntervals = 3;
    private static readonly TimeSpan AcceptTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(15);

    // As many as may be pending in a sandbox, with room; when it is full, senders wait for the network.
    private readonly Channel<SupervisorMessage> _outbox = Channel.CreateBounded<SupervisorMessage>(
        new BoundedChannelOptions(128) { SingleReader = true });

    /// <summary>Which connection of this supervisor it is; 0: they are not counted.</summary>
    public ulong ConnectionEpoch { get; init; }

    /// <summary>What goes on beside it while it stands, over the same connection; told what both sides know.</summary>
    public Func<ChannelBase, IReadOnlyCollection<string>, CancellationToken, Task> Beside { get; init; } = static (_, _, _) => Task.CompletedTask;

    /// <summary>Empty until the gateway has accepted it.</summary>
    public string SessionId { get; private set; } = "";

    /// <inheritdoc/>
    public bool PeerKnowsEndOfStream { get; private set; }

    /// <inheritdoc/>
    public async ValueTask SendAsync(SupervisorMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _outbox.Writer.WriteAsync(message, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new IOException("the session ended");
        }
    }

    /// <summary>Runs the session over a channel that nothing else uses.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was cancelled.</exception>
    public async Task<SessionEnd> RunAsync(ChannelBase channel, CancellationToken stopping)
    {
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var client = new Protocol.V1.OpenShell.OpenShellClient(channel);
        using var call = client.ConnectSupervisor(token.Metadata, cancellationToken: alive.Token);
        var accepted = false;
        try
        {
            if (await HandshakeAsync(call, alive) is not { } answer)
            {
                return new SessionEnd(false, "the gateway ended the call without an answer");
            }

            if (answer.PayloadCase != GatewayMessage.PayloadOneofCase.SessionAccepted)
            {
                return new SessionEnd(false, $"rejected: {answer.SessionRejected?.Reason ?? "unexpected answer"}");
            }

            accepted = true;
            await RunSessionAsync(call, channel, answer.SessionAccepted, alive);
            return new SessionEnd(true, "ended by the gateway");
        }
        catch (RpcException e)
        {
            return new SessionEnd(accepted, $"{e.StatusCode}: {e.Status.Detail}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException)
        {
            // What the first write throws when the connection breaks under it, before the call has a status.
            return new SessionEnd(accepted, e.Message);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return new SessionEnd(accepted, accepted ? "the gateway fell silent" : "the gateway did not answer");
        }
        finally
        {
            _outbox.Writer.TryComplete();
        }
    }

    private async Task<GatewayMessage?> HandshakeAsync(
        AsyncDuplexStreamingCall<SupervisorMessage, GatewayMessage> call, CancellationTokenSource alive)
    {
        await using var limit = time.CreateTimer(_ => alive.Cancel(), null, AcceptTimeout, Timeout.InfiniteTimeSpan);
        var hello = new SupervisorHello
        {
            SandboxId = identity.SandboxId,
            InstanceId = identity.InstanceId,
            Version = identity.Version,
            SshHostKeyFingerprint = identity.SshFingerprint,
            ConnectionEpoch = ConnectionEpoch,
        };
        // Not on a host, whose clock is not ours to set.
        hello.Features.AddRange(RelayFeatures.All.Where(f => f != RelayFeatures.Clock || clock is not null));

        await call.RequestStream.WriteAsync(new SupervisorMessage { Hello = hello }, alive.Token);
        return await call.ResponseStream.MoveNext(alive.Token) ? call.ResponseStream.Current : null;
    }

    private async Task RunSessionAsync(
        AsyncDuplexStreamingCall<SupervisorMessage, GatewayMessage> call, ChannelBase channel, SessionAccepted accepted, CancellationTokenSource alive)
    {
        PeerKnowsEndOfStream = accepted.Features.Contains(RelayFeatures.EndOfStream);
        var interval = accepted.HeartbeatInterval?.ToTimeSpan() ?? DefaultInterval;
        interval = interval < ShortestInterval ? ShortestInterval : interval;
        log.Milestone($"session {accepted.SessionId} accepted");
        log.Network(new NetworkActivity(NetworkActivityKind.Open, "session", accepted.SessionId, ""));
        log.Outbox.Resume();
        SessionId = accepted.SessionId;

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(alive.Token);
        var sending = SendAllAsync(call.RequestStream, alive);
        var heartbeats = SendHeartbeatsAsync(interval, ended.Token);
        var beside = RunBesideAsync(channel, accepted, ended.Token);
        try
        {
            await ReceiveAllAsync(call.ResponseStream, interval * SilentIntervals, alive);
        }
        finally
        {
            _outbox.Writer.TryComplete();
            await ended.CancelAsync();
            await Task.WhenAll(sending, heartbeats, beside);
        }
    }

    private async Task RunBesideAsync(ChannelBase channel, SessionAccepted accepted, CancellationToken ended)
    {
        try
        {
            await Beside(channel, accepted.Features, ended);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The session has ended.
        }
    }

    private async Task ReceiveAllAsync(
        IAsyncStreamReader<GatewayMessage> messages, TimeSpan longestSilence, CancellationTokenSource alive)
    {
        await using var silence = time.CreateTimer(_ => alive.Cancel(), null, longestSilence, Timeout.InfiniteTimeSpan);
        while (await messages.MoveNext(alive.Token))
        {
            silence.Change(longestSilence, Timeout.InfiniteTimeSpan);
            Apply(messages.Current);
        }
    }

    private void Apply(GatewayMessage message)
    {
        switch (message.PayloadCase)
        {
            case GatewayMessage.PayloadOneofCase.RelayOpen:
                relays.Open(message.RelayOpen, this);
                break;
            case GatewayMessage.PayloadOneofCase.RelayClose:
                relays.Close(message.RelayClose.ChannelId);
                break;
            case GatewayMessage.PayloadOneofCase.TokenRenewal:
                token.Value = message.TokenRenewal.Token;
                break;
            case GatewayMessage.PayloadOneofCase.Heartbeat:
                clock?.Observe(message.Heartbeat);
                break;
            default:
                // Something that a newer gateway knows.
                break;
        }
    }

    private async Task SendAllAsync(IClientStreamWriter<SupervisorMessage> stream, CancellationTokenSource alive)
    {
        try
        {
            await foreach (var message in _outbox.Reader.ReadAllAsync(alive.Token))
            {
                await stream.WriteAsync(message, alive.Token);
            }

            await stream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or InvalidOperationException or IOException)
        {
            // The receiving side sees the same end, with the reason.
            await alive.CancelAsync();
        }
    }

    private async Task SendHeartbeatsAsync(TimeSpan interval, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(interval, time);
        var first = true;
        try
        {
            // The first at once where there is a clock to keep: it may be wrong since the machine came up.
            while ((clock is not null && first) || await timer.WaitForNextTickAsync(ended))
            {
                first = false;
                await SendAsync(new SupervisorMessage { Heartbeat = clock?.NewHeartbeat() ?? new SupervisorHeartbeat() }, ended);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The session has ended.
        }
    }
}
