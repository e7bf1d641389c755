using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.SshAccess;

/// <summary>
/// Everything that is open with a token or a key, and the limits on it. A lease is known before its credential is read and
/// counts after: one that is revoked in between ends it, whichever of the two was first. Thread-safe.
/// </summary>
internal sealed class AccessLeases(SshAccessOptions options)
{
    private readonly Lock _lock = new();
    private readonly HashSet<AccessLease> _leases = [];

    /// <summary>Makes a lease known, for <see cref="EndCredential"/>; it does not count yet.</summary>
    public AccessLease Enter(string credentialId, string sandboxId)
    {
        var lease = new AccessLease(this, credentialId, sandboxId);
        lock (_lock)
        {
            _leases.Add(lease);
        }

        return lease;
    }

    /// <summary>Takes a place of the token and one of the sandbox, or none.</summary>
    /// <returns>The failure to tell the caller if a limit is reached.</returns>
    public Failure? TryCount(AccessLease lease)
    {
        lock (_lock)
        {
            if (CountOf(AccessLeaseKind.Stream, l => l.CredentialId == lease.CredentialId) >= options.MaxPerToken)
            {
                return Full($"there are {options.MaxPerToken} forwarded streams with this token", SshAccessOptions.MaxPerTokenOption);
            }

            return TryCount(lease, AccessLeaseKind.Stream, options.MaxPerSandbox, "forwarded streams", SshAccessOptions.MaxPerSandboxOption);
        }
    }

    /// <summary>As <see cref="TryCount(AccessLease)"/> for a connection of SSH; credentials have no limit of their own there.</summary>
    public Failure? TryCountConnection(AccessLease lease)
    {
        lock (_lock)
        {
            return TryCount(
                lease, AccessLeaseKind.SshConnection, options.MaxSshPerSandbox, "SSH connections", SshAccessOptions.MaxSshPerSandboxOption);
        }
    }

    /// <summary>How many there are with a token or a key.</summary>
    public int Count(string credentialId)
    {
        lock (_lock)
        {
            return _leases.Count(l => l.CountedAs is not null && l.CredentialId == credentialId);
        }
    }

    /// <summary>Ends what is open with a token or a key.</summary>
    public void EndCredential(string credentialId, string reason)
    {
        AccessLease[] leases;
        lock (_lock)
        {
            leases = [.. _leases.Where(l => l.CredentialId == credentialId)];
        }

        Array.ForEach(leases, l => l.End(reason));
    }

    /// <summary>Called by a lease that is over.</summary>
    public void Remove(AccessLease lease)
    {
        lock (_lock)
        {
            _leases.Remove(lease);
        }
    }

    private Failure? TryCount(AccessLease lease, AccessLeaseKind kind, int most, string what, string option)
    {
        if (CountOf(kind, l => l.SandboxId == lease.SandboxId) >= most)
        {
            return Full($"the sandbox has {most} {what}", option);
        }

        lease.CountedAs = kind;
        return null;
    }

    private int CountOf(AccessLeaseKind kind, Func<AccessLease, bool> which) => _leases.Count(l => l.CountedAs == kind && which(l));

    private static Failure Full(string what, string option) =>
        new(FailureKind.ResourceExhausted, $"{what}, which is the limit; close some, or raise the gateway's {option}");
}
