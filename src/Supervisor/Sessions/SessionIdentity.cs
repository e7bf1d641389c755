namespace OpenShell.Supervisor.Sessions;

/// <summary>Who this supervisor is.</summary>
/// <param name="SandboxId">The sandbox.</param>
/// <param name="InstanceId">This boot of it.</param>
/// <param name="Version">Of the supervisor.</param>
internal sealed record SessionIdentity(string SandboxId, string InstanceId, string Version);
