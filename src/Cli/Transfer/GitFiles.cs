using System.ComponentModel;
using System.Diagnostics;

namespace OpenShell.Cli.Transfer;

/// <summary>The files of a directory that git does not ignore.</summary>
internal static class GitFiles
{
    /// <summary>Asks git.</summary>
    /// <param name="directory">The directory, as text.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// Raw paths below the directory; null where it is no work tree, or there is no git. With a note for the user where
    /// git had something to say.
    /// </returns>
    public static async Task<(IReadOnlyList<string>? Files, string? Note)> ListAsync(string directory, CancellationToken cancellationToken)
    {
        using Process git = new()
        {
            StartInfo = new ProcessStartInfo("git", ["-C", directory, "ls-files", "--cached", "--others", "--exclude-standard", "-z"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        try
        {
            git.Start();
        }
        catch (Win32Exception)
        {
            return (null, null);
        }

        git.StandardInput.Close();
        using MemoryStream output = new();
        Task copying = git.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
        string error = await git.StandardError.ReadToEndAsync(cancellationToken);
        await copying;
        await git.WaitForExitAsync(cancellationToken);
        if (git.ExitCode != 0)
        {
            // Something else than "no repository", such as one that git does not trust: the user should know.
            bool none = error.Contains("not a git repository", StringComparison.Ordinal);
            return (null, none ? null : $"git cannot say what to leave out, so everything is copied: {error.Split('\n')[0]}");
        }

        string[] files = RawPath.FromBytes(output.GetBuffer().AsSpan(0, (int)output.Length)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return files.Length > 0
            ? ([.. files.Select(file => file.TrimEnd('/')).Distinct(StringComparer.Ordinal)], null)
            : (null, "git ignores all of it, so everything is copied");
    }
}
