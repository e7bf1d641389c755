using OpenShell.Ssh;

namespace OpenShell.Supervisor.Ssh;

/// <summary>
/// The sandbox's host key: a line with the sandbox's id, then the key. A disk that was copied for another sandbox has
/// another id, and gets a key of its own.
/// </summary>
internal static class HostKeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
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
        PrivateDirectory.Make(Path.GetDirectoryName(path)!);
        // Whole or not at all, and never readable by others.
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        using (var writer = new StreamWriter(temporary, options))
        {
            writer.Write($"{Note}{sandboxId}\n{key.PrivateText}");
        }

        File.Move(temporary, path, overwrite: true);
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
