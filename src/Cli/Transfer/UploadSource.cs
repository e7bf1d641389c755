using OpenShell.Cli.Context;
using OpenShell.Cli.Text;

namespace OpenShell.Cli.Transfer;

/// <summary>What is to be uploaded: entries named as they will be in the sandbox, and where each is here. Owns the tree.</summary>
internal sealed class UploadSource : IDisposable
{
    private UploadSource(LocalTree tree, IReadOnlyList<(string Local, Entry Entry)> entries) => (Tree, Entries) = (tree, entries);

    public LocalTree Tree { get; }

    /// <summary>Directories come before what is in them.</summary>
    public IReadOnlyList<(string Local, Entry Entry)> Entries { get; }

    /// <summary>Looks at what is there.</summary>
    /// <param name="path">As the user wrote it: with a slash at the end, the content of a directory and not the directory.</param>
    /// <param name="nameOfFile">What a single file is called in the sandbox; null keeps its name.</param>
    /// <param name="ignore">Leave out what git ignores. A file that is named itself is never left out.</param>
    /// <exception cref="CliException">There is nothing at the path, or git cannot say what to leave out.</exception>
    public static async Task<UploadSource> ScanAsync(string path, string? nameOfFile, bool ignore, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            var contents = path.EndsWith('/') || Path.GetFileName(path) is "." or "..";
            var prefix = contents ? "" : RawPath.FromText(Path.GetFileName(Path.GetFullPath(path)));
            return await ScanDirectoryAsync(path, prefix, ignore, cancellationToken);
        }

        // A link that leads nowhere is one all the same.
        (var directory, var name) = RawPath.Split(RawPath.FromText(path));
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
            return new UploadSource(tree, [(name, entry with { Path = nameOfFile ?? name })]);
        }

        tree.Dispose();
        throw new CliException(CliError.NotFound($"'{path}' is not there"));
    }

    public void Dispose() => Tree.Dispose();

    private static async Task<UploadSource> ScanDirectoryAsync(string path, string prefix, bool ignore, CancellationToken cancellationToken)
    {
        var tree = LocalTree.Open(RawPath.FromText(path));
        try
        {
            List<(string, Entry)> entries = prefix.Length > 0 ? [("", tree.DescribeRoot() with { Path = prefix })] : [];
            var found = ignore ? await new UploadFilter(tree, path).ListAsync(cancellationToken) : tree.Walk("");
            entries.AddRange(found.Select(entry => (entry.Path, entry with { Path = RawPath.Join(prefix, entry.Path) })));
            return new UploadSource(tree, entries);
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }
}
