namespace OpenShell.Supervisor.Users;

/// <summary>Who a process runs as.</summary>
/// <param name="Name">Login name; the number where it has none.</param>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Primary group id.</param>
/// <param name="Groups">All group ids, the primary one included.</param>
/// <param name="Home">Login directory.</param>
/// <param name="Shell">Login shell; empty where none is recorded.</param>
internal sealed record UserIdentity(
    string Name, uint Uid, uint Gid, IReadOnlyList<uint> Groups, string Home, string Shell);
