using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Supervisors;

/// <summary>Which supervisors may have a session: of a sandbox that is to run, with a token of its current boot.</summary>
internal sealed class SupervisorAdmission(SandboxStore store, TimeProvider time)
{
    // It is the first that a supervisor says.
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(10);

    public static readonly Failure CrossSandbox = new(
        FailureKind.PermissionDenied, "cross-sandbox access denied: principal does not own this sandbox");

    /// <summary>Waits a bounded time for the hello that a session begins with.</summary>
    public async Task<Outcome<HelloMessage>> ReadHelloAsync(ISupervisorStream stream, CancellationToken cancellationToken)
    {
        using var tooLate = new CancellationTokenSource(HelloTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(tooLate.Token, cancellationToken);
        try
        {
            return await stream.ReadAsync(either.Token) switch
            {
                null => new Failure(FailureKind.InvalidArgument, "stream closed before hello"),
                HelloMessage hello => hello,
                _ => new Failure(FailureKind.InvalidArgument, "expected SupervisorHello"),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Failure(FailureKind.DeadlineExceeded, $"no hello came within {HelloTimeout.TotalSeconds:0} s");
        }
    }

    /// <summary>Null if a session of this supervisor may be registered.</summary>
    public async Task<Failure?> CheckAsync(HelloMessage hello, SandboxPrincipal principal, CancellationToken cancellationToken)
    {
        if (hello.SandboxId.Length == 0)
        {
            return new Failure(FailureKind.InvalidArgument, "sandbox_id is required");
        }

        return hello.SandboxId == principal.SandboxId ? await CheckAsync(principal, cancellationToken) : CrossSandbox;
    }

    /// <summary>Null if the principal's sandbox is to run, and is in the boot that its token was made for.</summary>
    public async Task<Failure?> CheckAsync(SandboxPrincipal principal, CancellationToken cancellationToken) =>
        await store.GetAsync(principal.SandboxId, cancellationToken) switch
        {
            null => new Failure(FailureKind.NotFound, "sandbox not found"),
            { Phase: SandboxPhase.Deleting or SandboxPhase.Stopping or SandboxPhase.Stopped } record =>
                new Failure(FailureKind.FailedPrecondition, $"the sandbox is not to run (phase {record.Phase})"),
            var record when principal.BootEpoch < record.BootEpoch => new Failure(
                FailureKind.FailedPrecondition,
                $"boot epoch {principal.BootEpoch} is over; the sandbox was started again (epoch {record.BootEpoch})"),
            _ => null,
        };
}
