using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Cli.Transfer;

/// <summary>
/// Runs queries of git in an open directory: whatever the repository's configuration names (a file system
/// monitor, a remote of missing objects) is not started, because a repository may have come out of a sandbox.
/// </summary>
internal static class GitProgram
{
    // What makes git answer for another tree than the one that it is asked about.
    private static readonly string[] Redirections =
    [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
    ];

    private static readonly string[] Overrides = ["-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false", "-c", "core.hooksPath=/dev/null"];

    /// <summary>Refuses an environment in which git answers for another tree, also where nothing else tells of a repository.</summary>
    /// <exception cref="GitRefusedException">It is one.</exception>
    public static void CheckEnvironment()
    {
        if (Redirections.FirstOrDefault(name => Environment.GetEnvironmentVariable(name) is not null) is { } redirection)
        {
            throw new GitRefusedException($"the environment variable {redirection} leads git to another place; unset it");
        }
    }

    /// <summary>Its output.</summary>
    /// <param name="directory">Where it runs: this very directory, whatever its path is by now.</param>
    /// <param name="cancellationToken">Gives up, and ends it.</param>
    /// <exception cref="GitRefusedException">
    /// There is no git, it failed, or it wrote to standard error: a warning is about something that it could not read.
    /// </exception>
    public static async Task<byte[]> RunAsync(SafeFileHandle directory, CancellationToken cancellationToken, params string[] arguments)
    {
        using var git = Start(directory, arguments);
        git.StandardInput.Close();
        using var output = new MemoryStream();
        string error;
        try
        {
            var copying = git.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
            error = await git.StandardError.ReadToEndAsync(cancellationToken);
            await copying;
            await git.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            git.Kill();
            throw;
        }

        var said = error.Trim().Split('\n')[0];
        return (git.ExitCode, said) switch
        {
            (0, "") => output.ToArray(),
            (_, "") => throw new GitRefusedException($"git {arguments[0]} ended with code {git.ExitCode}"),
            _ => throw new GitRefusedException($"git says: {said}"),
        };
    }

    private static Process Start(SafeFileHandle directory, string[] arguments)
    {
        // The name of the descriptor needs no encoding, and cannot be made to lead elsewhere.
        using var reference = new DescriptorReference(directory);
        var git = new Process { StartInfo = StartInfo($"/proc/{Environment.ProcessId}/fd/{reference.Number}", arguments) };
        try
        {
            git.Start();
            return git;
        }
        catch (Win32Exception e)
        {
            git.Dispose();
            throw new GitRefusedException($"git cannot be started ({e.Message})");
        }
    }

    private static ProcessStartInfo StartInfo(string directory, string[] arguments)
    {
        var info = new ProcessStartInfo("git", [.. Overrides, .. arguments])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Configuration given for this run stays; other variables of git are removed.
        var foreign = info.Environment.Keys.Where(name =>
            name.StartsWith("GIT_", StringComparison.Ordinal) && !name.StartsWith("GIT_CONFIG", StringComparison.Ordinal));
        foreach (var name in foreign.ToList())
        {
            info.Environment.Remove(name);
        }

        info.Environment["GIT_DISCOVERY_ACROSS_FILESYSTEM"] = "1";
        info.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        info.Environment["GIT_NO_LAZY_FETCH"] = "1";
        info.Environment["GIT_ALLOW_PROTOCOL"] = "none";
        info.Environment["GIT_TERMINAL_PROMPT"] = "0";
        info.Environment["LC_ALL"] = "C";
        return info;
    }
}

/// <summary>Git failed, or answered for another tree: it is unknown what to leave out, so nothing may be copied.</summary>
internal sealed class GitRefusedException(string reason) : Exception(reason);
