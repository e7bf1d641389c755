namespace OpenShell.Gateway.Forwarding;

/// <summary>A new token, told once.</summary>
internal sealed record SshSessionGrant(SshToken Token, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);
