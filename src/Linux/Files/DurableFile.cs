namespace OpenShell.Linux.Files;

/// <summary>
/// Replaces files whole: a reader sees the old content or the new, whenever the writer dies or the power goes.
/// (1) a temporary file beside it, (2) its content to the disk, (3) the name, (4) the directory to the disk.
/// </summary>
public static class DurableFile
{
    /// <summary>Mode 0600.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Replaces a file in one step.</summary>
    /// <param name="path">The file. A symbolic link is replaced, not followed.</param>
    /// <param name="content">All of it.</param>
    /// <param name="mode">Who may use it.</param>
    /// <param name="writers">Tells temporary files of several writers apart; empty where a lock lets in only one.</param>
    /// <exception cref="IOException">It cannot be written; nothing has changed then.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly, string writers = "")
    {
        var temporary = TemporaryOf(path, writers);
        try
        {
            using (var file = Create(temporary, mode))
            {
                file.Write(content);
            }

            Commit(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The name that a file has while it is written.</summary>
    public static string TemporaryOf(string path, string writers = "") => writers.Length > 0 ? $"{path}.{writers}.tmp" : path + ".tmp";

    /// <summary>Makes a temporary file anew, over what an interrupted writer has left.</summary>
    public static FileStream Create(string temporary, UnixFileMode mode)
    {
        File.Delete(temporary);
        return new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = mode,
        });
    }

    /// <summary>Gives a temporary file, closed and complete, the name that it is for.</summary>
    public static void Commit(string temporary, string path)
    {
        using (var written = File.OpenHandle(temporary, FileMode.Open, FileAccess.Write))
        {
            RandomAccess.FlushToDisk(written);
        }

        File.Move(temporary, path, overwrite: true);
        DirectorySync.Flush(Path.GetDirectoryName(path)!);
    }
}
