using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Exec;

/// <summary>
/// Starts processes in sandboxes and attaches to main processes, over a relay to the target exec; for gRPC callers and for SSH
/// clients.
/// </summary>
internal sealed class ExecLauncher(SandboxStore sandboxes, RelayBroker relays, RelayTurns turns)
{
    // Covers the gap between the loss of a session and its return.
    private static readonly TimeSpan SessionWait = TimeSpan.FromSeconds(15);

    // A burst of commands that is larger than the limit of pending relays has its turns as relays come up, however long that
    // takes. A supervisor that claims none is another matter, and its callers want to know soon.
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(2);

    /// <summary>Opens a process of a sandbox that is READY. The caller owns the session.</summary>
    public async Task<Outcome<ExecSession>> OpenAsync(string sandboxId, ExecRequest request, CancellationToken cancellationToken)
    {
        return await sandboxes.GetAsync(sandboxId, cancellationToken) is { } sandbox
            ? await OpenAsync(sandbox, request, cancellationToken)
            : new Failure(FailureKind.NotFound, "sandbox not found");
    }

    /// <summary>As above, for a record that was read just now.</summary>
    public async Task<Outcome<ExecSession>> OpenAsync(SandboxRecord sandbox, ExecRequest request, CancellationToken cancellationToken)
    {
        if (FindRefusal(sandbox, request) is { } refusal)
        {
            return refusal;
        }

        var opened = await OpenRelayAsync(sandbox.Id, request, cancellationToken);
        if (!opened.Succeeded(out var relay, out var failure))
        {
            return RelayFailures.ToCaller(failure);
        }

        var session = new ExecSession(relay);
        try
        {
            await session.OpenAsync(request, cancellationToken);
            return session;
        }
        catch (IOException e)
        {
            await session.DisposeAsync();
            return RelayFailures.ToCaller(new Failure(FailureKind.Unavailable, e.Message));
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Why nothing can be opened in a sandbox as it is; null: it can.</summary>
    public static Failure? FindRefusal(SandboxRecord sandbox, ExecRequest request) =>
        MayOpen(sandbox, request) ? null : new Failure(FailureKind.FailedPrecondition, NotReady(sandbox));

    private static string NotReady(SandboxRecord sandbox) => sandbox.Ready is { Reason: SandboxCondition.HostDiskFull } full
        ? $"sandbox is not ready (phase {sandbox.Phase}). {full.Message}"
        : $"sandbox is not ready (phase {sandbox.Phase})";

    private async Task<Outcome<RelayConnection>> OpenRelayAsync(string sandboxId, ExecRequest request, CancellationToken cancellationToken) =>
        await relays.HasAsync(sandboxId, RelayFeatures.Exec, SessionWait, cancellationToken) switch
        {
            true => await OpenRelayAsync(sandboxId, new ExecTarget(request.WithoutLoginShell), request, SessionWait, cancellationToken),
            false => await OpenOverSshAsync(sandboxId, request, cancellationToken),

            // It has been waited for.
            null => await OpenRelayAsync(sandboxId, new ExecTarget(request.WithoutLoginShell), request, TimeSpan.Zero, cancellationToken),
        };

    private async Task<Outcome<RelayConnection>> OpenRelayAsync(
        string sandboxId, RelayTarget target, ExecRequest request, TimeSpan sessionWait, CancellationToken cancellationToken)
    {
        // Without a turn the limit of pending relays decides, and says why it refuses.
        using var turn = await turns.WaitAsync(sandboxId, Standstill, cancellationToken);
        return await relays.OpenAsync(sandboxId, target, request.Attaches ? "attach" : "exec", sessionWait, cancellationToken);
    }

    // A supervisor that is not ours runs commands by its SSH server only.
    private async Task<Outcome<RelayConnection>> OpenOverSshAsync(string sandboxId, ExecRequest request, CancellationToken cancellationToken)
    {
        if (SshCommandLine.FindImpossible(request) is { } field)
        {
            return new Failure(FailureKind.FailedPrecondition, $"the sandbox's supervisor is too old for '{field}': it runs plain commands only");
        }

        if (!SshCommandLine.Of(request.Start!).Succeeded(out var line, out var tooLong))
        {
            return tooLong;
        }

        var opened = await OpenRelayAsync(sandboxId, new SshTarget(), request, SessionWait, cancellationToken);
        return opened.Succeeded(out var ssh, out var failure)
            ? await SshExec.StartAsync(ssh, request.Start!, line, cancellationToken)
            : failure;
    }

    // A main process may have ended before anybody could attach. What it said and how it ended is still there to be read.
    private static bool MayOpen(SandboxRecord sandbox, ExecRequest request) =>
        sandbox.Phase == SandboxPhase.Ready
        || (request.Attaches && sandbox is { HasEnded: true, Ready.Reason: SandboxCondition.MainProcessCompleted or SandboxCondition.MainProcessFailed });
}
