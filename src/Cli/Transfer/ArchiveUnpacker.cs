using OpenShell.Cli.Text;
using OpenShell.Linux;

namespace OpenShell.Cli.Transfer;

/// <summary>Unpacks a tar archive that a sandbox sent. Entries that are not allowed are reported; the rest is unpacked.</summary>
/// <param name="tree">The destination; nothing is written anywhere else.</param>
/// <param name="rename">The local path of a path in the archive; null for one that was not requested.</param>
/// <param name="result">Receives what was unpacked and what was not.</param>
internal sealed class ArchiveUnpacker(LocalTree tree, Func<string, string?> rename, TransferResult result, TransferProgress progress)
{
    private readonly Extractor _extractor = new(tree, result);

    /// <summary>Reads the archive to its end.</summary>
    /// <exception cref="InvalidDataException">It is none; what was whole until then is kept.</exception>
    public async Task RunAsync(Stream archive, CancellationToken cancellationToken)
    {
        var reader = new TarReader(archive);
        while (await reader.NextAsync(cancellationToken) is { } entry)
        {
            try
            {
                await UnpackAsync(reader, entry, cancellationToken);
            }
            catch (IOException e)
            {
                result.Failures.Add(NotWritten(entry.Path, e));
            }
        }

    }

    /// <summary>Gives what was unpacked its permissions and times: <see cref="Extractor.Finish(Func{Entry, Entry?}, IEnumerable{Entry})"/>.</summary>
    public void Finish(Func<Entry, Entry?> correct, IEnumerable<Entry> others) => _extractor.Finish(correct, others);

    /// <summary>Makes a directory that no archive brings.</summary>
    public void MakeDirectory(string path)
    {
        try
        {
            _extractor.AddDirectory(new Entry(path, EntryKind.Directory, 0x1ED, 0, 0));
        }
        catch (IOException e)
        {
            result.Failures.Add(NotWritten(path, e));
        }
    }

    /// <summary>Everything that was unpacked, by the paths here.</summary>
    public IReadOnlyList<Entry> Unpacked => _extractor.Entries;

    private async Task UnpackAsync(TarReader reader, Entry entry, CancellationToken cancellationToken)
    {
        if (Local(entry.Path) is not { } path)
        {
            result.Failures.Add($"'{RawPath.Show(entry.Path)}' leads out of what was asked for and was not written");
            return;
        }

        var local = entry with { Path = path };
        switch (entry.Kind)
        {
            case EntryKind.Directory when path.Length == 0:
                break;
            case EntryKind.Directory:
                _extractor.AddDirectory(local);
                break;
            case EntryKind.SymbolicLink:
                _extractor.AddLink(local);
                break;
            case EntryKind.HardLink:
                var target = Local(entry.Link)
                    ?? throw new IOException($"it is another name of '{RawPath.Show(entry.Link)}', which was not asked for");
                _extractor.AddHardLink(local, target);
                break;
            case EntryKind.File:
                await _extractor.AddFileAsync(local, buffer => reader.ReadAsync(buffer, cancellationToken), progress);
                break;
            default:
                result.Failures.Add($"'{RawPath.Show(entry.Path)}' is a device, a pipe or a socket and was not copied");
                break;
        }
    }

    private static string NotWritten(string path, IOException e)
    {
        var link = e.HResult is Errno.NotDirectory or Errno.TooManyLinks;
        return $"'{RawPath.Show(path)}' was not written: {(link ? "a link or a file is on the way to it" : e.Message)}";
    }

    private string? Local(string path) => RawPath.PartsBelow(path) is { } parts ? rename(string.Join('/', parts)) : null;
}
