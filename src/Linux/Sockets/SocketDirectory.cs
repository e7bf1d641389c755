using OpenShell.Linux.Files;

namespace OpenShell.Linux.Sockets;

/// <summary>Directories in which nobody else can put a socket in the place of ours.</summary>
public static class SocketDirectory
{
    /// <summary>Why the directory of a socket is not one of these; null if it is, or is not there at all.</summary>
    public static string? FindFault(string socketPath)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(socketPath)) ?? "/";
        return FileStatus.Find(directory, followLink: true) switch
        {
            null => null,
            { IsDirectory: false } => $"{directory} is no directory",
            { Owner: var owner } when !UnixPeer.IsTrusted(owner) => $"the directory {directory} belongs to user {owner}",
            { OthersMayWrite: true, ModeText: var mode } => $"others can write to the directory {directory} (mode {mode}); run: chmod go-w {directory}",
            _ => null,
        };
    }
}
