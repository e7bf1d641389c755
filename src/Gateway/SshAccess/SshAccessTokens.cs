using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.SshAccess;

/// <summary>The tokens that open streams into sandboxes: made, checked, revoked.</summary>
internal sealed class SshAccessTokens(
    SshAccessStore store, SandboxDirectory directory, SessionRegistry sessions, AccessLeases forwards, SshAccessOptions options, TimeProvider time)
{
    private static readonly Failure NotFound = new(FailureKind.Unauthenticated, "SSH session token not found");
    private static readonly Failure NotValid = new(FailureKind.Unauthenticated, "SSH session token is not valid");

    /// <summary>Makes a token for a sandbox that is READY, or has ended and still has its session. It is good until it expires, is revoked, or the sandbox is started again.</summary>
    public async Task<Outcome<SshAccessGrant>> CreateAsync(SandboxRecord sandbox, CancellationToken cancellationToken) =>
        Ready(sandbox).Succeeded(out _, out var unready) ? await CreateAsync(sandbox, isForSsh: false, options.TokenLife, cancellationToken) : unready;

    /// <summary>Makes an access token for the public SSH gateway. The sandbox need not run.</summary>
    public Task<Outcome<SshAccessGrant>> CreateAccessAsync(SandboxRecord sandbox, TimeSpan life, CancellationToken cancellationToken) =>
        CreateAsync(sandbox, isForSsh: true, life, cancellationToken);

    /// <summary>Access tokens that are good, by age.</summary>
    /// <param name="sandboxId">Of one sandbox; null: of all.</param>
    public async Task<IReadOnlyList<SshAccessRecord>> ListAccessAsync(string? sandboxId, CancellationToken cancellationToken) =>
        [.. (await store.ListAllAsync(cancellationToken)).Where(r => IsGoodForSsh(r) && (sandboxId is null || r.SandboxId == sandboxId))];

    /// <summary>The record of an access token that is good; null if it is not.</summary>
    public async Task<SshAccessRecord?> FindAccessAsync(SshAccessToken token, CancellationToken cancellationToken) =>
        await FindAsync(token, cancellationToken) is { } record && IsGoodForSsh(record) ? record : null;

    /// <summary>Makes an access token invalid, and ends its connections.</summary>
    /// <returns>False if there is no such token.</returns>
    public Task<bool> RevokeAccessAsync(string id, CancellationToken cancellationToken) =>
        RevokeAsync(() => GetAccessAsync(id, cancellationToken), cancellationToken);

    /// <summary>The access token with this id; null: there is none.</summary>
    public async Task<SshAccessRecord?> GetAccessAsync(string id, CancellationToken cancellationToken) =>
        await store.GetAsync(id, cancellationToken) is { IsForSsh: true } record ? record : null;

    /// <summary>The sandbox, if a stream into it can be opened now.</summary>
    public async Task<Outcome<SandboxRecord>> FindReadyAsync(string workspace, string name, CancellationToken cancellationToken) =>
        (await directory.FindAsync(workspace, name, cancellationToken)).Succeeded(out var sandbox, out var missing) ? Ready(sandbox) : missing;

    /// <summary>Null if the token is good for this run of this sandbox.</summary>
    public async Task<Failure?> CheckAsync(SshAccessToken token, SandboxRecord sandbox, CancellationToken cancellationToken) =>
        await FindAsync(token, cancellationToken) switch
        {
            null => NotFound,
            var r when r.Revoked || r.IsForSsh || r.SandboxId != sandbox.Id || r.Run != sandbox.Run => NotValid,
            var r when r.ExpiresAt <= time.GetUtcNow() => new Failure(FailureKind.Unauthenticated, "SSH session token expired"),
            _ => null,
        };

    /// <summary>Makes a token invalid and ends its streams.</summary>
    /// <returns>False if there is no such token.</returns>
    public Task<bool> RevokeAsync(SshAccessToken token, CancellationToken cancellationToken) =>
        RevokeAsync(() => FindAsync(token, cancellationToken), cancellationToken);

    private async Task<bool> RevokeAsync(Func<Task<SshAccessRecord?>> find, CancellationToken cancellationToken)
    {
        while (await find() is { } record)
        {
            // In conflict with another revocation, or with the reaper: both are soon seen.
            if (record.Revoked || await store.UpdateAsync(record with { Revoked = true }, cancellationToken) == StoreOutcome.Done)
            {
                forwards.EndCredential(record.Id, "the SSH session was revoked");
                return true;
            }
        }

        return false;
    }

    private async Task<Outcome<SshAccessGrant>> CreateAsync(
        SandboxRecord sandbox, bool isForSsh, TimeSpan life, CancellationToken cancellationToken)
    {
        var token = SshAccessToken.Create();
        var now = time.GetUtcNow();
        var record = new SshAccessRecord
        {
            Id = token.Id,
            SandboxId = sandbox.Id,
            IsForSsh = isForSsh,
            Run = sandbox.Run,
            SecretHash = token.Hash(),
            ExpiresAt = now + life,
            CreatedAt = now,
        };
        return await store.CreateAsync(record, cancellationToken) == StoreOutcome.Done
            ? new SshAccessGrant(token, record.CreatedAt, record.ExpiresAt)
            : new Failure(FailureKind.Aborted, "the new SSH session's id is taken; try again");
    }

    // After the end of the main process its supervisor still serves.
    private Outcome<SandboxRecord> Ready(SandboxRecord sandbox) =>
        sandbox.Phase == SandboxPhase.Ready || (sandbox.HasEnded && sessions.Find(sandbox.Id) is not null)
        ? sandbox
        : new Failure(FailureKind.FailedPrecondition, $"sandbox is not ready (phase {sandbox.Phase})");

    private bool IsGoodForSsh(SshAccessRecord record) =>
        record is { IsForSsh: true, Revoked: false } && record.ExpiresAt > time.GetUtcNow();

    private async Task<SshAccessRecord?> FindAsync(SshAccessToken token, CancellationToken cancellationToken) =>
        await store.GetAsync(token.Id, cancellationToken) is { } record && token.Matches(record.SecretHash) ? record : null;
}
