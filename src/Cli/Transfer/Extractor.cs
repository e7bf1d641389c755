using Microsoft.Win32.SafeHandles;
using OpenShell.Cli.Text;
using OpenShell.Linux.Files;

namespace OpenShell.Cli.Transfer;

/// <summary>
/// Writes entries that a sandbox sent below one directory, and nowhere else: every part of a path is opened without
/// following links, so neither a name nor a link that was made a moment ago leads out. Nothing comes to be that runs with
/// another's rights, and no device. A file is written beside its place and moved there when it is whole.
/// </summary>
/// <param name="tree">The directory; stays the caller's.</param>
/// <param name="result">Receives what was written and what was not.</param>
internal sealed class Extractor(LocalTree tree, TransferResult result)
{
    // 06000: set-user-id and set-group-id of files stay behind; on a directory the latter only passes its group on.
    private const int SetIds = 0xC00;

    private readonly List<Entry> _entries = [];
    private readonly byte[] _partName = RawPath.ToNative($".openshell-{Guid.NewGuid():N}.part");

    /// <summary>What was written, in that order.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>Makes a directory, with those above it.</summary>
    public void AddDirectory(Entry entry)
    {
        using var directory = Enter(entry.Path);
        _entries.Add(entry);
        result.Directories++;
    }

    /// <summary>Makes or replaces a symbolic link.</summary>
    public void AddLink(Entry entry)
    {
        (var above, var name) = RawPath.Split(entry.Path);
        using var directory = Enter(above);
        var native = RawPath.ToNative(name);
        DirectoryCalls.TryRemove(directory, native);
        DirectoryCalls.CreateLink(directory, native, RawPath.ToNative(entry.Link));
        _entries.Add(entry);
        result.Links++;
    }

    /// <summary>Makes a file another name of one that this copy has written.</summary>
    public void AddHardLink(Entry entry, string target)
    {
        if (!result.Copied.TryGetValue(target, out var hash))
        {
            throw new IOException($"it is another name of '{RawPath.Show(target)}', which was not copied");
        }

        (var targetAbove, var targetName) = RawPath.Split(target);
        (var above, var name) = RawPath.Split(entry.Path);
        using var targetDirectory = Enter(targetAbove);
        using var directory = Enter(above);
        DirectoryCalls.CreateHardLink(targetDirectory, RawPath.ToNative(targetName), directory, _partName);
        MoveIntoPlace(directory, name);
        _entries.Add(entry with { Kind = EntryKind.File });
        result.Copied[entry.Path] = hash;
    }

    /// <summary>Makes or replaces a file.</summary>
    /// <param name="read">Gives its content; 0 at the end.</param>
    public async Task AddFileAsync(Entry entry, Func<Memory<byte>, ValueTask<int>> read, TransferProgress progress)
    {
        (var above, var name) = RawPath.Split(entry.Path);
        using var directory = Enter(above);
        try
        {
            string hash;
            long bytes;
            await using (var file = new FileStream(DirectoryCalls.CreateFile(directory, _partName), FileAccess.Write, bufferSize: 0))
            {
                (hash, bytes) = await FileHash.CopyAsync(read, async piece =>
                {
                    await WriteAsync(file, piece);
                    progress.AddBytes(piece.Length);
                });
                file.SetLength(bytes);
            }

            MoveIntoPlace(directory, name);
            _entries.Add(entry);
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

    /// <summary>Gives everything its permissions and times, now that nothing more comes into directories.</summary>
    /// <param name="correct">What the archive could not say, or said wrongly; null where that is not known.</param>
    /// <param name="others">Files that were here already.</param>
    public void Finish(Func<Entry, Entry?> correct, IEnumerable<Entry> others)
    {
        // Directories last, and what is deeper first: they may be closed then. Of two entries of one name the last counts.
        var entries = _entries.Concat(others).GroupBy(entry => entry.Path, StringComparer.Ordinal).Select(same => same.Last());
        foreach (var entry in entries.OrderBy(entry => entry.Kind == EntryKind.Directory).ThenByDescending(entry => entry.Path.Length))
        {
            try
            {
                Finish(correct(entry) ?? entry);
            }
            catch (IOException e)
            {
                result.Failures.Add($"'{RawPath.Show(entry.Path)}' did not get its permissions and its time: {e.Message}");
            }
        }
    }

    private void Finish(Entry wanted)
    {
        if (wanted.Kind == EntryKind.File && (wanted.Mode & SetIds) != 0)
        {
            result.Failures.Add(
                $"'{RawPath.Show(wanted.Path)}' did not keep its set-user-id or set-group-id bit: nothing from a sandbox gets that here");
            wanted = wanted with { Mode = wanted.Mode & ~SetIds };
        }

        (var above, var name) = RawPath.Split(wanted.Path);
        using var directory = tree.OpenDirectory(above);
        var native = RawPath.ToNative(name);
        if (wanted.Kind != EntryKind.SymbolicLink)
        {
            DirectoryCalls.SetMode(directory, native, wanted.Mode);
        }

        DirectoryCalls.SetModified(directory, native, wanted.ModifiedSeconds, wanted.ModifiedNanoseconds);
        if (DirectoryCalls.Status(directory, native) is { } status
            && KeptAttributes.Difference(wanted, status.Mode, status.ModifiedSeconds, status.ModifiedNanoseconds) is { } difference)
        {
            result.Failures.Add(difference);
        }
    }

    // What is all zeros takes no room, as it took none where it came from if that was a hole.
    private static async ValueTask WriteAsync(FileStream file, ReadOnlyMemory<byte> piece)
    {
        if (piece.Span.ContainsAnyExcept((byte)0))
        {
            await file.WriteAsync(piece);
        }
        else
        {
            file.Seek(piece.Length, SeekOrigin.Current);
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
        var current = tree.OpenDirectory("");
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using var above = current;
            var name = RawPath.ToNative(part);
            DirectoryCalls.TryCreateDirectory(above, name);
            current = DirectoryCalls.OpenDirectory(above, name);
        }

        return current;
    }
}
