using System.Globalization;
using System.Text;
using OpenShell.Protocol.Files;

namespace OpenShell.Cli.Files;

/// <summary>Files of ours that nobody else may read, replaced whole: a reader never sees half of one.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnersDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes a directory for the owner only, with what is missing above it.</summary>
    public static void CreateDirectory(string path) => Directory.CreateDirectory(path, OwnersDirectory);

    /// <summary>Replaces a file in one step, in a directory that is made where it is missing.</summary>
    /// <param name="path">The file. A symbolic link is replaced, not followed.</param>
    /// <param name="content">All of it.</param>
    /// <param name="mode">Who may use it; its owner only by default.</param>
    public static void Replace(string path, string content, UnixFileMode mode = DurableFile.OwnerOnly)
    {
        CreateDirectory(Path.GetDirectoryName(path)!);

        // Temporary files of each run's own: another one may replace the same file at this moment.
        DurableFile.Replace(path, Encoding.UTF8.GetBytes(content), mode, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
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
