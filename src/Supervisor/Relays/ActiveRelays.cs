using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Gateway;
using OpenShell.Supervisor.Logs;

namespace OpenShell.Supervisor.Relays;

/// <summary>
/// Owns all relays, from the gateway's request to their end. They have connections of their own and outlive the session
/// that they were asked for on.
/// </summary>
internal sealed class ActiveRelays(
    RelayEndpoints targets, RelayConnections connections, SandboxToken token, SupervisorLog log, TimeProvider time)
{
    // The gateway waits as long for the claim.
    private static readonly TimeSpan ClaimTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ActiveRelay> _relays = new(StringComparer.Ordinal);
    private bool _stopping;

    /// <summary>Starts a relay. The gateway learns over <paramref name="outbox"/> whether it can be had.</summary>
    public void Open(RelayOpen open, ISessionOutbox outbox)
    {
        var relay = new ActiveRelay(open.ChannelId);
        lock (_lock)
        {
            // A request that comes twice is for the one that runs.
            if (!_stopping && _relays.TryAdd(open.ChannelId, relay))
            {
                relay.Completion = RunAsync(open, outbox, relay);
            }
        }
    }

    /// <summary>Ends a relay at the gateway's request; one that has ended already is fine.</summary>
    public void Close(string channelId)
    {
        ActiveRelay? relay;
        lock (_lock)
        {
            _relays.TryGetValue(channelId, out relay);
        }

        relay?.Closed.Cancel();
    }

    /// <summary>Ends all relays and what they started, and takes no more.</summary>
    public async Task StopAsync()
    {
        ActiveRelay[] relays;
        lock (_lock)
        {
            _stopping = true;
            relays = [.. _relays.Values];
        }

        Array.ForEach(relays, relay => relay.Closed.Cancel());
        await Task.WhenAll(relays.Select(relay => relay.Completion));
    }

    private async Task RunAsync(RelayOpen open, ISessionOutbox outbox, ActiveRelay relay)
    {
        // Neither the session's reader nor the lock may wait for a dial.
        await Task.Yield();
        var started = time.GetTimestamp();
        try
        {
            var error = await ServeAsync(open, outbox, relay.Closed.Token);
            LogActivity(open, error is null ? NetworkActivityKind.Close : NetworkActivityKind.Fail, error ?? "done", started);
        }
        catch (OperationCanceledException)
        {
            LogActivity(open, NetworkActivityKind.Close, "closed by the gateway", started);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            LogActivity(open, NetworkActivityKind.Fail, e.Message, started);
        }
        finally
        {
            lock (_lock)
            {
                _relays.Remove(open.ChannelId);
            }
        }
    }

    // Returns why there is no target, if there is none.
    private async Task<string?> ServeAsync(RelayOpen open, ISessionOutbox outbox, CancellationToken closed)
    {
        var ready = (await targets.PrepareAsync(open, closed)).Succeeded(out var target, out var failure);
        var result = new RelayOpenResult { ChannelId = open.ChannelId, Success = ready, Error = failure?.Message ?? "" };
        using (target)
        {
            await outbox.SendAsync(new SupervisorMessage { RelayOpenResult = result }, closed);
            if (target is null)
            {
                return failure!.Message;
            }

            using var lease = connections.Rent();
            using var life = CancellationTokenSource.CreateLinkedTokenSource(closed);
            await using var relay = await ClaimOrTellAsync(lease, open.ChannelId, outbox, life, closed);
            log.Network(new NetworkActivity(NetworkActivityKind.Open, "relay", open.ChannelId, RelayEndpoints.Describe(open)));
            await target.RunAsync(relay, closed);
            return null;
        }
    }

    // The waiting caller is told at once instead of at its deadline: out of descriptors, say, no connection can be made.
    private async Task<RelayConnection> ClaimOrTellAsync(
        RelayConnections.Lease lease, string channelId, ISessionOutbox outbox, CancellationTokenSource life, CancellationToken closed)
    {
        try
        {
            return await ClaimAsync(lease, channelId, outbox.PeerKnowsEndOfStream, life, closed);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            var failed = new RelayOpenResult { ChannelId = channelId, Error = $"the relay could not be claimed: {e.GetBaseException().Message}" };
            await outbox.SendAsync(new SupervisorMessage { RelayOpenResult = failed }, closed);
            throw;
        }
    }

    private async Task<RelayConnection> ClaimAsync(
        RelayConnections.Lease lease, string channelId, bool peerKnowsEndOfStream, CancellationTokenSource life, CancellationToken closed)
    {
        // The token given to OpenAsync lives as long as the relay; only until the claim does it have a time limit.
        await using var limit = time.CreateTimer(_ => life.Cancel(), null, ClaimTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            var relay = await OpenOrShareAsync();
            lease.MarkUp();
            return relay;
        }
        catch (OperationCanceledException) when (!closed.IsCancellationRequested)
        {
            throw new IOException($"the gateway did not answer within {ClaimTimeout.TotalSeconds} seconds");
        }

        async Task<RelayConnection> OpenOrShareAsync()
        {
            try
            {
                return await OpenAsync();
            }
            catch (Exception e) when (e is HttpRequestException or IOException and not RelayRefusedException && lease.TryShare())
            {
                // Programs of the guest may hold as many connections as it may have. A user who connects to end them gets in all the same.
                return await OpenAsync();
            }
        }

        Task<RelayConnection> OpenAsync() => RelayClient.OpenAsync(
            lease.Http, GatewayDialer.BaseAddress, token.Value, channelId, peerKnowsEndOfStream, life.Token);
    }

    private void LogActivity(RelayOpen open, NetworkActivityKind kind, string reason, long started) =>
        log.Network(new NetworkActivity(kind, "relay", open.ChannelId, RelayEndpoints.Describe(open))
        {
            Reason = reason,
            Duration = time.GetElapsedTime(started),
        });
}

/// <summary>One relay that was asked for. <see cref="ActiveRelays"/> owns it.</summary>
internal sealed class ActiveRelay(string channelId)
{
    public string ChannelId { get; } = channelId;

    /// <summary>Cancelled to end the relay.</summary>
    public CancellationTokenSource Closed { get; } = new();

    /// <summary>Its run. Never faults.</summary>
    public Task Completion { get; set; } = Task.CompletedTask;
}
