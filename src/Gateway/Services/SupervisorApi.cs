using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Lifecycle;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.Untrusted;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>ConnectSupervisor and what else a supervisor reports.</summary>
internal sealed class SupervisorApi(
    SandboxStore store,
    LiveSandboxes live,
    SandboxTokens tokens,
    SessionClock clock,
    TimeProvider time,
    ILogger<SupervisorApi> logger)
{
    // Ours have at most 50 characters.
    private const int LongestWord = 128;

    private static readonly Failure CrossSandbox = new(
        FailureKind.PermissionDenied, "cross-sandbox access denied: principal does not own this sandbox");

    // It is the first that a supervisor says.
    private static readonly TimeSpan HelloTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Serves one session: (1) hello, checked against the token; (2) register, which supersedes an older session;
    /// (3) accept, and send relays that wait for their claim again; (4) the sandbox becomes Ready, unless a deletion that
    /// finished between (1) and (2) has left nothing of it; (5) both loops run until one ends; (6) if the session is still the sandbox's own, the sandbox stops being Ready.
    /// </summary>
    public async Task ConnectAsync(
        IAsyncStreamReader<SupervisorMessage> input, IServerStreamWriter<GatewayMessage> output, ServerCallContext context)
    {
        var cancellationToken = context.CancellationToken;
        // 1
        var hello = await ReadHelloAsync(input, cancellationToken);
        var principal = (SandboxPrincipal)context.GetPrincipal();
        if (await CheckAsync(hello, principal, cancellationToken) is { } refusal)
        {
            await RejectAsync(output, refusal, principal.SandboxId, cancellationToken);
            return;
        }

        // 2
        using var session = new SupervisorSession(
            hello.SandboxId, Word(hello.InstanceId), principal.BootEpoch, Word(hello.Version), hello.Features.Intersect(RelayFeatures.All))
        {
            SshHostKeyFingerprint = Word(hello.SshHostKeyFingerprint),
        };
        // The first command, before any relay: a supervisor that was cut off for long cannot claim one with what it has.
        var renewal = new TokenRenewer(session, tokens, principal.TokenExpires, clock.HeartbeatInterval, time);
        renewal.SendIfDue();
        var registered = live.Sessions.Register(session);
        if (registered.Rejection is { } rejection)
        {
            await RejectAsync(output, new Failure(FailureKind.FailedPrecondition, rejection), session.SandboxId, cancellationToken);
            return;
        }

        var connectedAt = time.GetUtcNow();
        try
        {
            SessionMetrics.Connected(registered.Superseded is not null);
            SessionLog.Connected(logger, session.SandboxId, session.SessionId, session.Version, registered.Superseded is not null);
            live.Journal.SessionConnected(session, registered.Superseded);
            // 3
            await AcceptAsync(output, session, cancellationToken);
            live.Relays.Reissue(session);
            // 4
            if (await live.Readiness.ChangeAsync(session.SandboxId, r => r, cancellationToken) is null)
            {
                live.Sessions.Disconnect(session.SandboxId, session.BootEpoch);
                live.Sessions.Forget(session.SandboxId);
                throw new Failure(FailureKind.NotFound, "sandbox not found").ToException();
            }

            // 5
            await new SessionLoop(session, live.Relays, renewal, clock, time).RunAsync(input, output, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The stream broke; the session says why it ended if somebody here ended it.
        }
        finally
        {
            // 6
            session.End(SessionEnd.PeerGone);
            if (session.EndReason is SessionEnd.Silent or SessionEnd.Stuck)
            {
                // Its stream would wait for a peer that does not read.
                context.GetHttpContext().Abort();
            }

            SessionMetrics.Ended(session.EndReason);
            SessionLog.Ended(logger, session.SandboxId, session.SessionId, session.EndReason);
            live.Journal.SessionEnded(session, time.GetUtcNow() - connectedAt);
            if (live.Sessions.RemoveIfCurrent(session) || session.EndReason == SessionEnd.Disconnected)
            {
                await live.Readiness.ReevaluateAsync(session.SandboxId, CancellationToken.None);
            }
        }
    }

    /// <summary>
    /// Stores the exit of a sandbox's main process: the first one of the current boot. It may come before that boot's
    /// session does. A report of an older boot changes nothing.
    /// </summary>
    public async Task<ReportMainProcessExitResponse> ReportExitAsync(ReportMainProcessExitRequest request, ServerCallContext context)
    {
        if (request.SandboxId.Length == 0 || request.InstanceId.Length == 0)
        {
            throw GrpcErrors.InvalidArgument(request.SandboxId.Length == 0 ? "sandbox_id is required" : "instance_id is required");
        }

        if (context.GetPrincipal() is not SandboxPrincipal principal || request.SandboxId != principal.SandboxId)
        {
            throw CrossSandbox.ToException();
        }

        await live.Readiness.ChangeAsync(
            request.SandboxId,
            r => ReadinessRules.Exited(r, Word(request.InstanceId), principal.BootEpoch, request.ExitCode, time.GetUtcNow()),
            context.CancellationToken);
        return new ReportMainProcessExitResponse();
    }

    /// <summary>A new token for a supervisor that shows one that is still good.</summary>
    public async Task<RefreshSandboxTokenResponse> RefreshTokenAsync(ServerCallContext context)
    {
        var principal = (SandboxPrincipal)context.GetPrincipal();
        if (Refusal(await store.GetAsync(principal.SandboxId, context.CancellationToken), principal) is { } refusal)
        {
            throw refusal.ToException();
        }

        var token = tokens.Issue(principal.SandboxId, principal.BootEpoch);
        return new RefreshSandboxTokenResponse { Token = token.Value, ExpiresAtMs = token.Expires.ToUnixTimeMilliseconds() };
    }

    /// <summary>Tokens for a platform identity: there is none that this gateway could check.</summary>
    public static RpcException IssueToken() => new Failure(
        FailureKind.FailedPrecondition,
        "this gateway issues sandbox tokens at create only, through the compute driver; it knows no platform identity to exchange for one").ToException();

    // What a guest calls itself is stored, shown and compared, always in this form.
    private static string Word(string text) => HarmlessText.Line(text, LongestWord);

    private async Task<SupervisorHello> ReadHelloAsync(IAsyncStreamReader<SupervisorMessage> input, CancellationToken cancellationToken)
    {
        using var tooLate = new CancellationTokenSource(HelloTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(tooLate.Token, cancellationToken);
        try
        {
            if (!await input.MoveNext(either.Token))
            {
                throw GrpcErrors.InvalidArgument("stream closed before hello");
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new Failure(FailureKind.DeadlineExceeded, $"no hello came within {HelloTime.TotalSeconds:0} s").ToException();
        }

        return input.Current is { PayloadCase: SupervisorMessage.PayloadOneofCase.Hello, Hello: var hello }
            ? hello
            : throw GrpcErrors.InvalidArgument("expected SupervisorHello");
    }

    private async Task<Failure?> CheckAsync(SupervisorHello hello, SandboxPrincipal principal, CancellationToken cancellationToken)
    {
        if (hello.SandboxId.Length == 0)
        {
            return new Failure(FailureKind.InvalidArgument, "sandbox_id is required");
        }

        return hello.SandboxId != principal.SandboxId
            ? CrossSandbox
            : Refusal(await store.GetAsync(hello.SandboxId, cancellationToken), principal);
    }

    private static Failure? Refusal(SandboxRecord? record, SandboxPrincipal principal) =>
        record switch
        {
            null => new Failure(FailureKind.NotFound, "sandbox not found"),
            { Phase: Sandboxes.SandboxPhase.Deleting or Sandboxes.SandboxPhase.Stopping or Sandboxes.SandboxPhase.Stopped } =>
                new Failure(FailureKind.FailedPrecondition, $"the sandbox is not to run (phase {record.Phase})"),
            _ when principal.BootEpoch < record.BootEpoch => new Failure(
                FailureKind.FailedPrecondition,
                $"boot epoch {principal.BootEpoch} is over; the sandbox was started again (epoch {record.BootEpoch})"),
            _ => null,
        };

    private Task AcceptAsync(IServerStreamWriter<GatewayMessage> output, SupervisorSession session, CancellationToken cancellationToken)
    {
        var accepted = new SessionAccepted
        {
            SessionId = session.SessionId,
            HeartbeatIntervalSecs = (uint)Math.Max(1, clock.HeartbeatInterval.TotalSeconds),
            Features = { session.Features },
        };
        return output.WriteAsync(new GatewayMessage { SessionAccepted = accepted }, cancellationToken);
    }

    private async Task RejectAsync(
        IServerStreamWriter<GatewayMessage> output, Failure refusal, string sandboxId, CancellationToken cancellationToken)
    {
        SessionMetrics.Rejected(refusal.Kind);
        SessionLog.Rejected(logger, sandboxId, refusal.Message);
        live.Journal.SessionRejected(sandboxId, refusal);
        var rejected = new SessionRejected { Reason = refusal.Message };
        await output.WriteAsync(new GatewayMessage { SessionRejected = rejected }, cancellationToken);
        throw refusal.ToException();
    }
}
