using Microsoft.Win32.SafeHandles;
using OpenShell.Cli.Context;
using OpenShell.Cli.Text;

namespace OpenShell.Cli.Transfer;

/// <summary>
/// What of a directory goes into a sandbox when ignored files do not: what git does not ignore, without any .git. Git is run
/// in every repository, also in nested ones (submodules, clones). If it fails in one of them, nothing is
/// copied at all: what is ignored may be a secret. Used once.
/// </summary>
/// <param name="shown">What the user calls it.</param>
internal sealed class UploadFilter(LocalTree tree, string shown)
{
    private readonly List<Entry> _entries = [];
    private readonly HashSet<string> _directories = new(StringComparer.Ordinal);

    /// <summary>The entries, directories before what is in them.</summary>
    /// <exception cref="CliException">It is unknown what to leave out.</exception>
    public async Task<IReadOnlyList<Entry>> ListAsync(CancellationToken cancellationToken)
    {
        var asked = "";
        try
        {
            GitProgram.CheckEnvironment();
            using var workTree = GitFiles.FindWorkTree(tree.Root);
            if (workTree is null)
            {
                await AddPlainAsync(path => asked = path, cancellationToken);
            }
            else
            {
                await AddRepositoryAsync("", workTree, path => asked = path, cancellationToken);
                RefuseIfAllIsIgnored();
            }

            return _entries;
        }
        catch (Exception e) when (e is GitRefusedException or IOException or UnauthorizedAccessException)
        {
            var where = asked.Length == 0 ? shown : $"{shown.TrimEnd('/')}/{RawPath.Show(asked)}";
            throw new CliException(
                CliError.Failed(
                    $"nothing was copied, because it is not known what to leave out of '{where}': {e.Message} "
                    + "(--no-git-ignore copies everything, secrets and .git too)"),
                e);
        }
    }

    // Outside of any work tree everything goes, until there is one.
    private async Task AddPlainAsync(Action<string> asking, CancellationToken cancellationToken)
    {
        List<string> repositories = [];
        foreach (var entry in tree.Walk("", descends: directory => !IsRepository(directory)))
        {
            _entries.Add(entry);
            if (entry.Kind == EntryKind.Directory && IsRepository(entry.Path))
            {
                repositories.Add(entry.Path);
            }
        }

        foreach (var repository in repositories)
        {
            await AddNestedAsync(repository, asking, cancellationToken);
        }
    }

    private async Task AddNestedAsync(string path, Action<string> asking, CancellationToken cancellationToken)
    {
        using var workTree = tree.OpenDirectory(path);
        await AddRepositoryAsync(path, workTree, asking, cancellationToken);
    }

    private async Task AddRepositoryAsync(string path, SafeFileHandle workTree, Action<string> asking, CancellationToken cancellationToken)
    {
        asking(path);
        using var directory = tree.OpenDirectory(path);
        var files = await GitFiles.ListAsync(directory, workTree, cancellationToken);
        List<string> nested = [];
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            // A file in git's index may have been deleted.
            var full = RawPath.Join(path, file);
            if (tree.Find(full) is { } entry && AddAbove(path, file, nested))
            {
                CheckListed(entry);
                Add(entry, nested);
            }
        }

        foreach (var repository in nested)
        {
            await AddNestedAsync(repository, asking, cancellationToken);
        }
    }

    // The directories that lead to a file; false where one of them is a repository, which decides about it itself.
    private bool AddAbove(string path, string file, List<string> nested)
    {
        for (var slash = file.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = file.IndexOf('/', slash + 1))
        {
            var above = RawPath.Join(path, file[..slash]);
            if (nested.Contains(above))
            {
                return false;
            }

            if (_directories.Contains(above) || tree.Find(above) is not { } directory)
            {
                continue;
            }

            Add(directory, nested);
            if (nested.Contains(above))
            {
                return false;
            }
        }

        return true;
    }

    private void Add(Entry entry, List<string> nested)
    {
        if (entry.Kind != EntryKind.Directory)
        {
            _entries.Add(entry);
            return;
        }

        if (!_directories.Add(entry.Path))
        {
            return;
        }

        _entries.Add(entry);
        if (IsRepository(entry.Path))
        {
            nested.Add(entry.Path);
        }
    }

    // Git lists directories only where they are repositories of their own. One of a submodule that was not fetched is
    // empty; one that is not empty and not a repository cannot be decided.
    private void CheckListed(Entry entry)
    {
        if (entry.Kind == EntryKind.Directory && !IsRepository(entry.Path) && tree.Walk(entry.Path).Skip(1).Any())
        {
            throw new GitRefusedException($"submodule '{RawPath.Show(entry.Path)}' has files but no repository");
        }
    }

    // A named directory of which everything is ignored: an error, and not an empty copy.
    private void RefuseIfAllIsIgnored()
    {
        if (_entries.Count == 0 && tree.Walk("").Any(entry => entry.Kind != EntryKind.Directory && !InDotGit(entry.Path)))
        {
            throw new GitRefusedException("git ignores all of it");
        }
    }

    private bool IsRepository(string path) => tree.Find(RawPath.Join(path, ".git")) is not null;

    private static bool InDotGit(string path) => path == ".git" || path.StartsWith(".git/", StringComparison.Ordinal);
}
