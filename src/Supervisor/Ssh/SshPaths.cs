namespace OpenShell.Supervisor.Ssh;

/// <summary>Files of the SSH server. Their directories are made, for root alone.</summary>
/// <param name="Socket">Where it listens: 0600, in a directory of 0700.</param>
/// <param name="HostKey">Its key; on the sandbox's disk, so that it stays the same.</param>
internal sealed record SshPaths(string Socket, string HostKey)
{
    private const string Variable = "OPENSHELL_SSH_SOCKET_PATH";

    /// <summary>Of a machine.</summary>
    public static SshPaths OfGuest() => new(
        FromEnvironment() ?? "/run/openshell/ssh.sock", "/var/lib/openshell/ssh_host_ed25519_key");

    /// <summary>Without a machine only where it is asked for: several supervisors may share a file system.</summary>
    public static SshPaths? OfHost(string? socketPath) =>
        (socketPath ?? FromEnvironment()) is { } path ? new SshPaths(path, Path.ChangeExtension(path, ".key")) : null;

    private static string? FromEnvironment() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : null;
}
