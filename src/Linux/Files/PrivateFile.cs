using System.Globalization;
using System.Text;

namespace OpenShell.Linux.Files;

/// <summary>Files and directories that nobody else may read; a file is replaced whole (<see cref="DurableFile"/>).</summary>
public static class PrivateFile
{
    /// <summary>Mode 0700.</summary>
    public const UnixFileMode DirectoryMode = DurableFile.OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Makes a directory for the owner only, with what is missing above it. One that is there stays as it is: it may be another user's.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public static void CreateDirectory(string path) => Directory.CreateDirectory(path, DirectoryMode);

    /// <summary>Replaces a file in one step, in a directory that is made where it is missing.</summary>
    /// <param name="path">The file. A symbolic link is replaced, not followed.</param>
    /// <param name="content">All of it.</param>
    /// <param name="mode">Who may use it.</param>
    public static void Replace(string path, string content, UnixFileMode mode = DurableFile.OwnerOnly)
    {
        CreateDirectory(Path.GetDirectoryName(path)!);

        // Temporary files of each process's own: another one may replace the same file at this moment.
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
