using System.Security.Cryptography;
using Google.Protobuf;
using OpenShell.Protocol.Sandbox.V1;

namespace OpenShell.Protocol.Policies;

/// <summary>The parts of a policy that are for the guest: files, Landlock, users. They never change in a sandbox's life.</summary>
public static class StaticPolicy
{
    private const string NoPolicy = "none";

    /// <summary>These parts alone; null: there is no policy.</summary>
    public static SandboxPolicy? Of(SandboxPolicy? policy) => policy is null ? null : new SandboxPolicy
    {
        // Never 0: a policy that asks for nothing is still one, and an empty message could not be told from none.
        Version = 1,
        Filesystem = policy.Filesystem,
        Landlock = policy.Landlock,
        Process = policy.Process,
    };

    /// <summary>
    /// A word that two policies share only if these parts are the same; one of its own for no policy. There is no map in them, so the
    /// bytes do not depend on who writes them.
    /// </summary>
    public static string Digest(SandboxPolicy? policy) =>
        Of(policy) is { } parts ? Convert.ToHexStringLower(SHA256.HashData(parts.ToByteArray())) : NoPolicy;
}
