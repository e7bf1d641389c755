using System.Text;
using OpenShell.Linux.Files;
using OpenShell.Ssh.Keys;

namespace OpenShell.Supervisor.Ssh;

/// <summary>
/// The sandbox's host key: a line with the sandbox's id, then the key. A disk that was copied for another sandbox has
/// another id, and gets a key of its own.
/// </summary>
internal static class HostKeyFile
{
    private const string Note = "# sandbox ";

    /// <summary>Reads the key, or makes it.</summary>
    /// <exception cref="IOException">It cannot be stored.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be stored.</exception>
    public static SshHostKey ReadOrMake(string path, string sandboxId)
    {
        if (TryRead(path, sandboxId) is { } known)
        {
            return known;
        }

        var key = SshHostKey.Generate();
        PrivateFile.CreateDirectory(Path.GetDirectoryName(path)!);
        DurableFile.Replace(path, Encoding.UTF8.GetBytes($"{Note}{sandboxId}\n{key.PrivateText}"));
        return key;
    }

    private static SshHostKey? TryRead(string path, string sandboxId)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var lines = File.ReadAllText(path).Split('\n', 2);
        return lines is [var note, var text] && note == Note + sandboxId ? SshHostKey.TryParse(text) : null;
    }
}
