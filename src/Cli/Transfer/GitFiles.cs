using Microsoft.Win32.SafeHandles;
using OpenShell.Cli.Text;
using OpenShell.Linux.Files;

namespace OpenShell.Cli.Transfer;

/// <summary>What a directory is to git, and which of its files git does not ignore.</summary>
internal static class GitFiles
{
    private static readonly byte[] DotGit = RawPath.ToNative(".git");

    /// <summary>
    /// The work tree that a directory is in: the first on the way up that has a .git of any kind. Git decides
    /// whether it is valid; where there is no .git at all, git is not run.
    /// </summary>
    /// <returns>The open directory; null outside of any.</returns>
    /// <exception cref="GitRefusedException">It is in a repository's own directory, where git ignores nothing.</exception>
    /// <exception cref="IOException">A directory on the way cannot be read.</exception>
    public static SafeFileHandle? FindWorkTree(SafeFileHandle directory)
    {
        var current = DirectoryCalls.OpenPlace(directory, RawPath.ToNative("."));
        while (true)
        {
            if (DirectoryCalls.Status(current, DotGit) is not null)
            {
                return current;
            }

            using var below = current;
            if (IsRepository(below))
            {
                throw new GitRefusedException("it is, or is in, a repository itself and not a work tree");
            }

            current = DirectoryCalls.OpenPlace(below, RawPath.ToNative(".."));
            if (IdentityOf(current) == IdentityOf(below))
            {
                current.Dispose();
                return null;
            }
        }
    }

    /// <summary>Asks git.</summary>
    /// <param name="directory">The work tree, or a directory in it.</param>
    /// <param name="workTree">The work tree that git must answer for.</param>
    /// <returns>Raw paths below the directory: files, and directories that are repositories of their own.</returns>
    /// <exception cref="GitRefusedException">Git could not be asked, or answers for another tree.</exception>
    public static async Task<IReadOnlyList<string>> ListAsync(SafeFileHandle directory, SafeFileHandle workTree, CancellationToken cancellationToken)
    {
        await CheckAnswersForAsync(directory, workTree, cancellationToken);
        var output = await GitProgram.RunAsync(directory, cancellationToken, "ls-files", "--cached", "--others", "--exclude-standard", "-z");
        if (output is [.., not 0])
        {
            throw new GitRefusedException("git's answer is cut off");
        }

        var files = RawPath.FromBytes(output).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return [.. files.Select(file => file.TrimEnd('/')).Distinct(StringComparer.Ordinal)];
    }

    // A broken .git makes git go on upwards, and a configuration may name another tree.
    private static async Task CheckAnswersForAsync(SafeFileHandle directory, SafeFileHandle workTree, CancellationToken cancellationToken)
    {
        const string Inside = "true\n";
        var answer = RawPath.FromBytes(
            await GitProgram.RunAsync(directory, cancellationToken, "rev-parse", "--is-inside-work-tree", "--show-toplevel"));
        if (!answer.StartsWith(Inside, StringComparison.Ordinal) || !answer.EndsWith('\n'))
        {
            throw new GitRefusedException("git does not take it for a part of a work tree");
        }

        var top = answer[Inside.Length..^1];
        using var found = DirectoryCalls.OpenNamedDirectory(RawPath.ToNative(top));
        if (IdentityOf(found) != IdentityOf(workTree))
        {
            throw new GitRefusedException($"git answers for another tree, {RawPath.Show(top)}");
        }
    }

    private static bool IsRepository(SafeFileHandle directory)
    {
        return Has("HEAD") && (Has("commondir") || (Has("objects") && Has("refs")));

        bool Has(string name) => DirectoryCalls.Status(directory, RawPath.ToNative(name)) is not null;
    }

    private static (ulong Device, ulong Inode)? IdentityOf(SafeFileHandle directory) =>
        DirectoryCalls.Status(directory, RawPath.ToNative(".")) is { } status ? (status.Device, status.Inode) : null;
}
