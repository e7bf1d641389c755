using OpenShell.Cli.Hosting;

namespace OpenShell.Cli.Transfer;

/// <summary>What is to be uploaded: entries named as they will be in the sandbox, and where each is here. Owns the tree.</summary>
internal sealed class UploadSource : IDisposable
{
    private UploadSource(LocalTree tree, IReadOnlyList<(string Local, Entry Entry)> entries, IReadOnlyList<string> notes) =>
        (Tree, Entries, Notes) = (tree, entries, notes);

    public LocalTree Tree { get; }

    /// <summary>Directories come before what is in them.</summary>
    public IReadOnlyList<(string Local, Entry Entry)> Entries { get; }

    /// <summary>For the user.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Looks at what is there.</summary>
    /// <param name="path">As the user wrote it: with a slash at the end, the content of a directory and not the directory.</param>
    /// <param name="nameOfFile">What a single file is called in the sandbox; null keeps its name.</param>
    /// <param name="ignore">Leave out what git ignores.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CliException">There is nothing at the path.</exception>
    public static async Task<UploadSource> ScanAsync(string path, string? nameOfFile, bool ignore, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            bool contents = path.EndsWith('/') || Path.GetFileName(path) is "." or "..";
            string prefix = contents ? "" : RawPath.FromText(Path.GetFileName(Path.GetFullPath(path)));
            return await ScanDirectoryAsync(path, prefix, ignore, cancellationToken);
        }

        // A link that leads nowhere is one all the same.
        (string directory, string name) = RawPath.Split(RawPath.FromText(path));
        LocalTree tree;
        try
        {
            tree = LocalTree.Open(directory);
        }
        catch (IOException e)
        {
            throw new CliException(CliError.NotFound($"'{path}' is not there: {e.Message}"), e);
        }

        if (tree.Find(name) is { Kind: not EntryKind.Directory } entry)
        {
            return new UploadSource(tree, [(name, entry with { Path = nameOfFile ?? name })], []);
        }

        tree.Dispose();
        throw new CliException(CliError.NotFound($"'{path}' is not there"));
    }

    public void Dispose() => Tree.Dispose();

    private static async Task<UploadSource> ScanDirectoryAsync(string path, string prefix, bool ignore, CancellationToken cancellationToken)
    {
        List<string> notes = [];
        IReadOnlyList<string>? files = null;
        if (ignore)
        {
            (files, string? note) = await GitFiles.ListAsync(path, cancellationToken);
            notes.AddRange(note is null ? [] : [note]);
        }

        LocalTree tree = LocalTree.Open(RawPath.FromText(path));
        List<(string, Entry)> entries = prefix.Length > 0 ? [("", new Entry(prefix, EntryKind.Directory, 0x1ED, 0, 0))] : [];
        IEnumerable<Entry> found = files is null ? tree.Walk("") : Listed(tree, files);
        entries.AddRange(found.Select(entry => (entry.Path, entry with { Path = RawPath.Join(prefix, entry.Path) })));
        return new UploadSource(tree, entries, notes);
    }

    // With the directories that lead to them. What git still knows may be gone, and what it takes for a whole (a
    // submodule, another repository) is copied as it is.
    private static IEnumerable<Entry> Listed(LocalTree tree, IReadOnlyList<string> files)
    {
        HashSet<string> directories = new(StringComparer.Ordinal);
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            if (tree.Find(file) is not { } entry)
            {
                continue;
            }

            for (int slash = file.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = file.IndexOf('/', slash + 1))
            {
                if (directories.Add(file[..slash]) && tree.Find(file[..slash]) is { } directory)
                {
                    yield return directory;
                }
            }

            foreach (Entry one in entry.Kind == EntryKind.Directory ? tree.Walk(file) : [entry])
            {
                yield return one;
            }
        }
    }
}
