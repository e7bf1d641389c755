using OpenShell.Gateway.Concurrency;

namespace OpenShell.Gateway.SshAccess;

/// <summary>What an <see cref="AccessLease"/> counts as; each kind has a limit of its own.</summary>
internal enum AccessLeaseKind
{
    /// <summary>A ForwardTcp call.</summary>
    Stream,

    /// <summary>A connection to the public SSH gateway.</summary>
    SshConnection,
}

/// <summary>
/// The place of one ForwardTcp call, or of one connection to the public SSH gateway, from before its credential is looked
/// at. Owned by that; disposing gives its places back.
/// </summary>
/// <param name="credentialId">Id of the token, or fingerprint of the key.</param>
internal sealed class AccessLease(AccessLeases owner, string credentialId, string sandboxId) : IDisposable
{
    private readonly EndSignal _end = new();

    public string CredentialId => credentialId;

    public string SandboxId { get; set; } = sandboxId;

    /// <summary>What it counts as against the limits; null: not yet. Its owner's, under the owner's lock.</summary>
    public AccessLeaseKind? CountedAs { get; set; }

    /// <summary>Cancelled when the credential is good no more.</summary>
    public CancellationToken Ended => _end.Token;

    /// <summary>Why it was ended; null if nobody did. The first reason stays.</summary>
    public string? EndReason => _end.Reason;

    public void End(string reason) => _end.End(reason);

    /// <inheritdoc/>
    public void Dispose() => owner.Remove(this);
}
