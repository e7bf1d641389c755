using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Relays;

/// <summary>
/// Opens relays. The life of one, with the places where it can end:
/// (1) wait for a session; (2) take a slot, or be refused; (3) send RelayOpen; (4) wait for the claim, a negative
/// answer, the deadline or the caller; (5) whatever the end, the pending slot is free before the caller knows.
/// </summary>
internal sealed class RelayBroker(
    SessionRegistry sessions, RelayTable table, RelayOptions options, TimeProvider time, SandboxJournal journal)
{
    private static readonly Failure NoSession = new(FailureKind.Unavailable, "supervisor session not connected");

    /// <summary>Opens a relay to a target in a sandbox. The caller owns the relay and disposes it.</summary>
    /// <param name="serviceId">What for; in logs only.</param>
    /// <param name="sessionWait">How long to wait for a session if there is none.</param>
    public async Task<Outcome<RelayConnection>> OpenAsync(
        string sandboxId, RelayTarget target, string serviceId, TimeSpan sessionWait, CancellationToken cancellationToken)
    {
        using var activity = RelayMetrics.Opening(sandboxId, target);
        var started = time.GetTimestamp();
        try
        {
            var opening = await OpenUncountedAsync(sandboxId, target, serviceId, sessionWait, cancellationToken);
            if (opening.Succeeded(out _, out var failure))
            {
                RelayMetrics.Claimed(target, time.GetElapsedTime(started));
            }
            else
            {
                RelayMetrics.NotOpened(failure, ReferenceEquals(failure, NoSession), activity);
            }

            return opening;
        }
        catch (OperationCanceledException)
        {
            RelayMetrics.Abandoned();
            throw;
        }
    }

    private async Task<Outcome<RelayConnection>> OpenUncountedAsync(
        string sandboxId, RelayTarget target, string serviceId, TimeSpan sessionWait, CancellationToken cancellationToken)
    {
        // 1
        var session = await sessions.WaitAsync(sandboxId, sessionWait, cancellationToken);
        if (session is null || !Knows(session, target))
        {
            var unreachable = session is null ? NoSession : NotKnown(target);
            journal.RelayFailed(sandboxId, "", target, unreachable.Message);
            return unreachable;
        }

        // 2
        var pending = new PendingRelay(sandboxId, target, serviceId, time.GetTimestamp());
        var opening = table.TryAdd(pending) is { } refused ? refused : await OpenAsync(pending, cancellationToken);
        if (!opening.Succeeded(out _, out var failure))
        {
            journal.RelayFailed(sandboxId, pending.ChannelId, target, failure.Message);
        }

        return opening;
    }

    /// <summary>Whether the sandbox's supervisor has a feature. Waits for a session as an open does; null: there was none.</summary>
    public async Task<bool?> HasAsync(string sandboxId, string feature, TimeSpan sessionWait, CancellationToken cancellationToken) =>
        (await sessions.WaitAsync(sandboxId, sessionWait, cancellationToken))?.Features.Contains(feature);

    /// <summary>A supervisor could not connect a target. False if nobody waits for that channel any more.</summary>
    public bool Fail(string channelId, string sandboxId, string error)
    {
        var pending = table.FindPending(channelId, sandboxId);
        return pending is not null
            && table.RemovePending(pending)
            && pending.TryFail(new Failure(FailureKind.Unavailable, error));
    }

    /// <summary>
    /// A supervisor ends a relay, whatever its state. Its word comes over the session and may be ahead of the data that it
    /// sent in the relay: that is still read, for a bounded time.
    /// </summary>
    public void Close(string channelId, string sandboxId, string reason)
    {
        if (!Fail(channelId, sandboxId, reason.Length == 0 ? "the sandbox closed the relay" : reason))
        {
            table.FindActive(channelId, sandboxId)?.CloseByPeer(reason);
        }
    }

    /// <summary>Sends the relays that still wait for their claim to a session that has just been registered.</summary>
    public void Reissue(SupervisorSession session)
    {
        foreach (var pending in table.ListPending(session.SandboxId))
        {
            TrySend(session, pending);
        }
    }

    /// <summary>
    /// Ends the session and all relays of a sandbox whose machine is stopped. A supervisor of an epoch below
    /// <paramref name="nextEpoch"/> that still runs does not come back.
    /// </summary>
    public void Disconnect(string sandboxId, int nextEpoch, string reason)
    {
        sessions.Disconnect(sandboxId, nextEpoch);
        CloseAll(sandboxId, reason);
    }

    /// <summary>Ends all relays of a sandbox, or of every one, because it goes away.</summary>
    public void CloseAll(string? sandboxId, string reason)
    {
        foreach (var pending in table.ListPending(sandboxId))
        {
            if (table.RemovePending(pending))
            {
                pending.TryFail(RelayFailures.Dropped(reason));
            }
        }

        foreach (var active in table.ListActive(sandboxId))
        {
            active.End(reason);
        }
    }

    private async Task<Outcome<RelayConnection>> OpenAsync(PendingRelay pending, CancellationToken cancellationToken)
    {
        try
        {
            // 3
            if (!TrySend(pending) && table.RemovePending(pending))
            {
                return NoSession;
            }

            // 4
            return await pending.Opened.WaitAsync(options.ClaimTimeout, time, cancellationToken);
        }
        catch (TimeoutException) when (table.RemovePending(pending))
        {
            return RelayOptions.NotClaimed;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return await GiveUpAsync(pending, e is OperationCanceledException, cancellationToken);
        }
        finally
        {
            // 5
            table.RemovePending(pending);
        }
    }

    // To the session of now. One that is registered later gets the relay by Reissue, so if this one ends here and a newer
    // one is there already, that one has been sent the relay.
    private bool TrySend(PendingRelay pending)
    {
        var session = sessions.Find(pending.SandboxId);
        return session is not null
            && (TrySend(session, pending) || (sessions.Find(pending.SandboxId) is { } newer && newer != session));
    }

    // A supervisor takes a target that it does not know for its SSH server.
    private static bool TrySend(SupervisorSession session, PendingRelay pending) =>
        Knows(session, pending.Target) && session.TrySend(Command(pending));

    private static bool Knows(SupervisorSession session, RelayTarget target) =>
        target.Feature is null || session.Features.Contains(target.Feature);

    private static Failure NotKnown(RelayTarget target) => new(
        FailureKind.FailedPrecondition, $"the sandbox's supervisor is too old for '{target.Asked}'; stop and start the sandbox");

    // The caller leaves while the relay may be in the hands of a claim. If the claim has won, its result is coming.
    private async Task<Outcome<RelayConnection>> GiveUpAsync(PendingRelay pending, bool cancelled, CancellationToken cancellationToken)
    {
        if (cancelled && table.RemovePending(pending))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        var opening = await pending.Opened;
        if (cancelled && opening.Succeeded(out var relay, out _))
        {
            relay.Abort();
            await relay.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        return opening;
    }

    private static OpenRelayCommand Command(PendingRelay pending) => new(pending.ChannelId, pending.Target, pending.ServiceId);
}
