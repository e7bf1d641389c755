namespace OpenShell.Cli.Files;

/// <summary>Files of ours that nobody else may read, replaced whole: a reader never sees half of one.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnersDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a directory for the owner only, with what is missing above it.</summary>
    public static void CreateDirectory(string path) => Directory.CreateDirectory(path, OwnersDirectory);

    /// <summary>Replaces a file in one step, in a directory that is made where it is missing.</summary>
    /// <param name="path">The file. A symbolic link is replaced, not followed.</param>
    /// <param name="content">All of it.</param>
    /// <param name="mode">Who may use it; its owner only by default.</param>
    public static void Replace(string path, string content, UnixFileMode mode = OwnersFile)
    {
        CreateDirectory(Path.GetDirectoryName(path)!);

        // A name of its own: another run may replace the same file at this moment.
        string temporary = $"{path}.{Environment.ProcessId}.new";
        File.Delete(temporary);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode };
        try
        {
            using (StreamWriter writer = new(temporary, options))
            {
                writer.Write(content);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>All of a file; null when there is none.</summary>
    public static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
