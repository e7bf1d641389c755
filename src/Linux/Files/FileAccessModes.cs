namespace OpenShell.Linux.Files;

/// <summary>Who else may use a file of ours.</summary>
public static class FileAccessModes
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>
    /// Closes a file that holds data (a key or a token that others could read is refused instead: closing it does not make
    /// it secret again).
    /// </summary>
    /// <returns>Whether others could use it, and cannot any more.</returns>
    public static bool CloseToOthers(string path)
    {
        try
        {
            if (!File.Exists(path) || (File.GetUnixFileMode(path) & Others) == 0)
            {
                return false;
            }

            File.SetUnixFileMode(path, DurableFile.OwnerOnly);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's file, for example: opening it reports what is wrong.
            return false;
        }
    }
}
