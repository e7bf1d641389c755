using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Gateway.Exec;

/// <summary>Starts processes in sandboxes, over a relay to the target exec. Every door goes through here.</summary>
internal sealed class ExecLauncher(SandboxStore sandboxes, RelayBroker relays)
{
    // Covers the gap between the loss of a session and its return (design section 4).
    private static readonly TimeSpan SessionWait = TimeSpan.FromSeconds(15);

    /// <summary>Starts a process in a sandbox that is READY. The caller owns the session.</summary>
    public async Task<Outcome<ExecSession>> StartAsync(string sandboxId, ExecStart start, CancellationToken cancellationToken)
    {
        var sandbox = await sandboxes.GetAsync(sandboxId, cancellationToken);
        if (sandbox is null)
        {
            return new Failure(FailureKind.NotFound, "sandbox not found");
        }

        if (sandbox.Phase != SandboxPhase.Ready)
        {
            return new Failure(FailureKind.FailedPrecondition, $"sandbox is not ready (phase {sandbox.Phase})");
        }

        var opening = await relays.OpenAsync(sandboxId, new ExecTarget(), "exec", SessionWait, cancellationToken);
        if (!opening.Succeeded(out var relay, out var failure))
        {
            return failure with { Message = $"supervisor relay failed: {failure.Message}" };
        }

        var session = new ExecSession(relay);
        try
        {
            await session.StartAsync(start, cancellationToken);
            return session;
        }
        catch (IOException e)
        {
            await session.DisposeAsync();
            return new Failure(FailureKind.Unavailable, $"supervisor relay failed: {e.Message}");
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }
}
