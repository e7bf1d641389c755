namespace OpenShell.Protocol.Policies;

/// <summary>Names of claims in a sandbox's token that its supervisor reads.</summary>
public static class SandboxTokenClaims
{
    /// <summary><see cref="StaticPolicy.Digest"/> of the policy that the sandbox was created with; in tokens that a boot begins with.</summary>
    public const string PolicyDigest = "policy_digest";
}
