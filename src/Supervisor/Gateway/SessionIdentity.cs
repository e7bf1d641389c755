namespace OpenShell.Supervisor.Gateway;

/// <summary>Who this supervisor is.</summary>
/// <param name="SandboxId">The sandbox.</param>
/// <param name="InstanceId">This boot of it.</param>
/// <param name="Version">Of the supervisor.</param>
/// <param name="SshFingerprint">Of its SSH server's host key; empty: it has none.</param>
internal sealed record SessionIdentity(string SandboxId, string InstanceId, string Version, string SshFingerprint = "");
