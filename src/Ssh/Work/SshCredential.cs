namespace OpenShell.Ssh.Work;

/// <summary>What a client authenticates with.</summary>
/// <param name="User">The user name; it may be a secret.</param>
/// <param name="PublicKey">In the form of authorized_keys, "ssh-ed25519 AAAA…"; null for the method "none".</param>
public sealed record SshCredential(string User, string? PublicKey);
