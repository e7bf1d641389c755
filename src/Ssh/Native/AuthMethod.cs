namespace OpenShell.Ssh.Native;

/// <summary>Subtypes of an authentication request: SSH_AUTH_METHOD_….</summary>
internal static class AuthMethod
{
    public const int None = 1;
    public const int PublicKey = 4;

    /// <summary>State of a public key: only asked about, and signed with.</summary>
    public const int KeyProbed = 0;
    public const int KeyProven = 1;
}
