using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Http;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Relays;

/// <summary>
/// RelayStream, served straight on the HTTP/2 body: (1) read init, (2) claim, (3) answer headers, so that the
/// supervisor knows it may go on, (4) hand the relay to whoever opened it, (5) stay until our direction is over, (6) end the
/// answer, which leaves the supervisor's direction open, (7) stay until the relay's owner has disposed it: the server uses
/// the request and its pipes again once this returns.
/// </summary>
internal sealed class RelayStreamEndpoint(
    RelayTable table, SessionRegistry sessions, RelayOptions options, SandboxJournal journal, TimeProvider time, ILogger<RelayStreamEndpoint> logger)
{
    public async Task ServeAsync(HttpContext context)
    {
        RelayServerTransport.LiftLimits(context);
        var reader = new RelayFrameReader(context.Request.BodyReader);

        // 1
        if (await RelayFirstFrame.ReadAsync(context, reader) is not { } first)
        {
            return;
        }

        if (first.Kind != RelayReadKind.Init || string.IsNullOrEmpty(first.ChannelId))
        {
            var message = first.Kind == RelayReadKind.Completed
                ? "empty RelayStream"
                : "first RelayFrame must be init with non-empty channel_id";
            await GrpcResponse.EndAsync(context, StatusCode.InvalidArgument, message);
            return;
        }

        reader.Advance();

        // 2
        var sandboxId = context.GetPrincipal().RequireSandboxId();
        var claim = table.Claim(first.ChannelId, sandboxId);
        if (claim.Active is not { } relay)
        {
            await RefuseAsync(context, claim, first.ChannelId, sandboxId);
            return;
        }

        using (relay)
        {
            await RunAsync(context, reader, claim.Pending!, relay);
        }
    }

    private async Task RunAsync(HttpContext context, RelayFrameReader reader, PendingRelay pending, ActiveRelay relay)
    {
        var transport = new RelayServerTransport(context, reader);
        var connection = transport.Connect();
        var owned = false;
        var reason = "the connection broke";
        var broken = true;
        try
        {
            // 3
            GrpcResponse.Begin(context);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            RelayLog.Opened(logger, relay.ChannelId, relay.Target.Kind, relay.SandboxId, relay.ServiceId);
            journal.RelayOpened(relay);

            // 4
            using var reset = StreamResets.Hear(context, transport.PeerReset);
            await using var ended = relay.Ended.UnsafeRegister(static t => ((RelayServerTransport)t!).Abort(), transport);
            await using var gone = context.RequestAborted.UnsafeRegister(static t => ((RelayServerTransport)t!).Abort(), transport);
            await using var left = time.CreateTimer(
                static t => ((RelayServerTransport)t!).CutOffIfSilent(), transport, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            await using var closed = relay.ClosedByPeer.UnsafeRegister(
                _ =>
                {
                    transport.PeerCloses(relay.CloseReason ?? "");
                    left.Change(options.CloseTimeout, options.CloseTimeout);
                },
                null);
            owned = pending.TrySucceed(connection);

            // 5
            var clean = owned && await transport.Closed;
            reason = Reason(relay, clean);
            broken = !clean && relay.EndReason is null && (transport.WasReset || context.RequestAborted.IsCancellationRequested);
            if (clean && transport.AnswerEndsCall)
            {
                await SilenceAsync(transport);
                clean = !transport.Aborted.IsCompleted;
            }

            if (transport.WasReset)
            {
                context.Abort();
            }
            else if (!clean || !await TryEndAsync(context, transport))
            {
                reason = clean ? relay.EndReason ?? "the supervisor does not read" : reason;
                // The reset alone would not reach a supervisor that is held up writing to its target.
                sessions.Find(relay.SandboxId)?.TrySend(new CloseRelayCommand(relay.ChannelId, reason));
                context.Abort();
            }
            else if (await Task.WhenAny(transport.Released, transport.Aborted) == transport.Aborted)
            {
                context.Abort();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            reason = relay.EndReason ?? "the connection broke";
            broken = true;
        }
        finally
        {
            pending.TryFail(new Failure(FailureKind.Unavailable, "supervisor session disconnected"));
            if (owned)
            {
                // 7
                await transport.Released;
            }

            table.RemoveActive(relay);
            Closed(relay, connection, reason, broken);
        }
    }

    // One read that waits all the time: a caller that is slow to take what came is not silence.
    private async Task SilenceAsync(RelayServerTransport transport)
    {
        var seen = 0L;
        while (transport.Waiting is { } waiting && (waiting == 0 || waiting != seen)
            && !transport.Released.IsCompleted && !transport.Aborted.IsCompleted)
        {
            seen = waiting;
            using var heard = new CancellationTokenSource();
            await Task.WhenAny(transport.Released, transport.Aborted, Task.Delay(options.SilenceBeforeEnd, time, heard.Token));
            await heard.CancelAsync();
        }
    }

    private static string Reason(ActiveRelay relay, bool clean) =>
        relay.EndReason ?? (clean ? "done" : relay.CloseReason is { Length: > 0 } closed ? closed : "the caller went away or the connection broke");

    // 6. What was written may not fit the supervisor's window: one that does not read must not keep its slot once nobody
    // waits for it any more.
    private async Task<bool> TryEndAsync(HttpContext context, RelayServerTransport transport)
    {
        transport.Answered();
        var ending = GrpcResponse.EndAsync(context, StatusCode.OK, "");
        await Task.WhenAny(ending, transport.Released, transport.Aborted);
        try
        {
            await ending.WaitAsync(options.CloseTimeout, time);
            return true;
        }
        catch (TimeoutException)
        {
            context.Abort();
            await ending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return false;
        }
    }

    private void Closed(ActiveRelay relay, RelayConnection connection, string reason, bool broken)
    {
        var duration = time.GetElapsedTime(relay.OpenedAt);
        RelayMetrics.Closed(relay.Target, duration, connection.BytesWritten, connection.BytesRead);
        RelayLog.Closed(
            logger, relay.ChannelId, relay.SandboxId, duration, connection.BytesWritten, connection.BytesRead, reason);
        journal.RelayEnded(relay, duration, reason, broken);
    }

    private async Task RefuseAsync(HttpContext context, ClaimResult claim, string channelId, string sandboxId)
    {
        RelayMetrics.ClaimRefused(claim.Outcome);
        RelayLog.ClaimRefused(logger, channelId, sandboxId, claim.Outcome);
        var (code, message) = claim.Outcome switch
        {
            ClaimOutcome.WrongSandbox =>
                (StatusCode.PermissionDenied, "cross-sandbox access denied: principal does not own this sandbox"),
            ClaimOutcome.Expired => (StatusCode.DeadlineExceeded, "relay channel timed out"),
            ClaimOutcome.LimitReached => (
                StatusCode.ResourceExhausted,
                $"active relay limit reached ({RelayOptions.MaxActiveOption}, {RelayOptions.MaxActivePerSandboxOption})"),
            _ => (StatusCode.NotFound, "unknown or expired relay channel"),
        };
        if (claim.Outcome == ClaimOutcome.WrongSandbox)
        {
            journal.ClaimRefused(sandboxId, channelId, message);
        }

        claim.Pending?.TryFail(claim.Outcome == ClaimOutcome.LimitReached
            ? new Failure(FailureKind.ResourceExhausted, message)
            : RelayOptions.NotClaimed);
        await GrpcResponse.EndAsync(context, code, message);
    }
}
