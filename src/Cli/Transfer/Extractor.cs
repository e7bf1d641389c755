using Microsoft.Win32.SafeHandles;
using OpenShell.Cli.Native;

namespace OpenShell.Cli.Transfer;

/// <summary>
/// Writes entries that a sandbox sent below one directory, and nowhere else: every part of a path is opened without
/// following links, so neither a name nor a link that was made a moment ago leads out. Nothing comes to be that runs with
/// another's rights, and no device. A file is written beside its place and moved there when it is whole.
/// </summary>
/// <param name="tree">The directory; stays the caller's.</param>
/// <param name="result">Is told what was written and what was not.</param>
internal sealed class Extractor(LocalTree tree, TransferResult result)
{
    // Set-user-id, set-group-id and sticky bits stay behind.
    private const int PermissionMask = 0x1FF;
    private const int OwnerMayAll = 0x1C0;

    private readonly List<Entry> _directories = [];
    private readonly byte[] _partName = RawPath.ToNative($".openshell-{Guid.NewGuid():N}.part");

    /// <summary>Makes a directory, with those above it.</summary>
    public void AddDirectory(Entry entry)
    {
        using SafeFileHandle directory = Enter(entry.Path);
        _directories.Add(entry);
        result.Directories++;
    }

    /// <summary>Makes or replaces a symbolic link.</summary>
    public void AddLink(Entry entry)
    {
        (string above, string name) = RawPath.Split(entry.Path);
        using SafeFileHandle directory = Enter(above);
        byte[] native = RawPath.ToNative(name);
        DirectoryCalls.TryRemove(directory, native);
        DirectoryCalls.CreateLink(directory, native, RawPath.ToNative(entry.Link));
        result.Links++;
    }

    /// <summary>Makes a file another name of one that this copy has written.</summary>
    public void AddHardLink(Entry entry, string target)
    {
        if (!result.Copied.TryGetValue(target, out string? hash))
        {
            throw new IOException($"it is another name of '{RawPath.Show(target)}', which was not copied");
        }

        (string targetAbove, string targetName) = RawPath.Split(target);
        (string above, string name) = RawPath.Split(entry.Path);
        using SafeFileHandle targetDirectory = Enter(targetAbove);
        using SafeFileHandle directory = Enter(above);
        DirectoryCalls.CreateHardLink(targetDirectory, RawPath.ToNative(targetName), directory, _partName);
        MoveIntoPlace(directory, name);
        result.Copied[entry.Path] = hash;
    }

    /// <summary>Makes or replaces a file.</summary>
    /// <param name="entry">The file.</param>
    /// <param name="read">Gives its content; 0 at the end.</param>
    /// <param name="progress">Is told.</param>
    public async Task AddFileAsync(Entry entry, Func<Memory<byte>, ValueTask<int>> read, TransferProgress progress)
    {
        (string above, string name) = RawPath.Split(entry.Path);
        using SafeFileHandle directory = Enter(above);
        try
        {
            string hash;
            long bytes;
            await using (FileStream file = new(DirectoryCalls.CreateFile(directory, _partName), FileAccess.Write, bufferSize: 0))
            {
                (hash, bytes) = await FileHash.CopyAsync(read, async piece =>
                {
                    await file.WriteAsync(piece);
                    progress.AddBytes(piece.Length);
                });
                DirectoryCalls.SetAttributes(file.SafeFileHandle, entry.Mode & PermissionMask, entry.ModifiedSeconds);
            }

            MoveIntoPlace(directory, name);
            result.Copied[entry.Path] = hash;
            result.Bytes += bytes;
            progress.AddFile();
        }
        catch
        {
            DirectoryCalls.TryRemove(directory, _partName);
            throw;
        }
    }

    /// <summary>Gives the directories their permissions and times, now that nothing more comes into them.</summary>
    public void FinishDirectories()
    {
        foreach (Entry entry in _directories.OrderByDescending(entry => entry.Path.Length))
        {
            using SafeFileHandle directory = tree.OpenDirectory(entry.Path);
            DirectoryCalls.SetAttributes(directory, (entry.Mode & PermissionMask) | OwnerMayAll, entry.ModifiedSeconds);
        }
    }

    // A link is replaced, not followed; a directory is in the way.
    private void MoveIntoPlace(SafeFileHandle directory, string name)
    {
        try
        {
            DirectoryCalls.Rename(directory, _partName, RawPath.ToNative(name));
        }
        finally
        {
            // Nothing is left of it unless the name could not be taken; two names of one file are not moved at all.
            DirectoryCalls.TryRemove(directory, _partName);
        }
    }

    private SafeFileHandle Enter(string path)
    {
        SafeFileHandle current = tree.OpenDirectory("");
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using SafeFileHandle above = current;
            byte[] name = RawPath.ToNative(part);
            DirectoryCalls.TryCreateDirectory(above, name);
            current = DirectoryCalls.OpenDirectory(above, name);
        }

        return current;
    }
}
