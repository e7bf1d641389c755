using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Supervisors;

/// <summary>Serves the sessions of supervisors, each from its hello to its end.</summary>
internal sealed class SupervisorSessionHandler(
    SupervisorAdmission admission,
    SessionRegistry sessions,
    RelayBroker relays,
    ReadinessController readiness,
    SessionLoops loops,
    SessionNotes notes)
{
    /// <summary>
    /// Serves one session: (1) hello, checked against the token; (2) register, which supersedes an older session;
    /// (3) accept, and send relays that wait for their claim again; (4) the sandbox becomes Ready, unless a deletion that
    /// finished between (1) and (2) has left nothing of it; (5) both loops run until one ends; (6) if the session is still
    /// the sandbox's own, the sandbox stops being Ready.
    /// </summary>
    /// <returns>Why there was none; null if it was served.</returns>
    public async Task<Failure?> ServeAsync(ISupervisorStream stream, SandboxPrincipal principal, CancellationToken cancellationToken)
    {
        // 1
        if (!(await admission.ReadHelloAsync(stream, cancellationToken)).Succeeded(out var hello, out var noHello))
        {
            return noHello;
        }

        if (await admission.CheckAsync(hello, principal, cancellationToken) is { } refusal)
        {
            return await RejectAsync(stream, refusal, principal.SandboxId, cancellationToken);
        }

        // 2
        using var session = new SupervisorSession(
            hello.SandboxId, hello.InstanceId, principal.BootEpoch, hello.Version, hello.Features.Intersect(RelayFeatures.All))
        {
            SshHostKeyFingerprint = hello.SshHostKeyFingerprint,
            ConnectionEpoch = hello.ConnectionEpoch,
        };
        // Queues the token as the first command, before any relay: a supervisor that was cut off for long cannot claim one
        // with what it has.
        var loop = loops.Create(session, principal.TokenExpires);
        var registered = sessions.Register(session);
        if (registered.Rejection is { } rejection)
        {
            return await RejectAsync(stream, new Failure(FailureKind.FailedPrecondition, rejection), session.SandboxId, cancellationToken);
        }

        var since = default(DateTimeOffset);
        try
        {
            since = notes.Connected(session, registered.Superseded);
            return await RunAsync(stream, session, loop, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The stream broke; the session says why it ended if somebody here ended it.
            return null;
        }
        finally
        {
            // 6
            session.End(SessionEnd.PeerGone);
            if (session.EndReason is SessionEnd.Silent or SessionEnd.Stuck)
            {
                // Its stream would wait for a peer that does not read.
                stream.Abort();
            }

            notes.Ended(session, since);
            // One that was superseded leaves the sandbox to the newer one.
            if (sessions.RemoveIfCurrent(session) || session.EndReason == SessionEnd.Disconnected)
            {
                await readiness.ReevaluateAsync(session.SandboxId, CancellationToken.None);
            }
        }
    }

    private async Task<Failure?> RunAsync(ISupervisorStream stream, SupervisorSession session, SessionLoop loop, CancellationToken cancellationToken)
    {
        // 3
        await stream.WriteAsync(new AcceptSessionCommand(session.SessionId, loops.HeartbeatInterval, session.Features), cancellationToken);
        relays.Reissue(session);

        // 4
        var sandbox = await readiness.ChangeAsync(session.SandboxId, r => r, cancellationToken);
        if (sandbox is null)
        {
            sessions.Disconnect(session.SandboxId, session.BootEpoch);
            sessions.Forget(session.SandboxId);
            return new Failure(FailureKind.NotFound, "sandbox not found");
        }

        if (session.SshHostKeyFingerprint.Length > 0 && session.SshHostKeyFingerprint != sandbox.HostKeyFingerprint)
        {
            notes.HostKeyChanged(session);
        }

        // 5
        await loop.RunAsync(stream, cancellationToken);
        return null;
    }

    private async Task<Failure> RejectAsync(ISupervisorStream stream, Failure refusal, string sandboxId, CancellationToken cancellationToken)
    {
        notes.Rejected(sandboxId, refusal);
        await stream.WriteAsync(new RejectSessionCommand(refusal.Message), cancellationToken);
        return refusal;
    }
}
