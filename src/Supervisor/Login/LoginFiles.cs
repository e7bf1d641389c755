using System.Text;
using OpenShell.Linux.Files;

namespace OpenShell.Supervisor.Login;

/// <summary>The files that a login shell of a user reads, as they were at one moment.</summary>
internal sealed class LoginFiles
{
    // Beyond that a change is seen by the directory only.
    private const int MostOfADirectory = 256;

    private readonly (byte[] Path, FileStatus? Seen)[] _files;

    private LoginFiles((byte[] Path, FileStatus? Seen)[] files) => _files = files;

    /// <summary>Looks at them.</summary>
    /// <param name="settings">/etc.</param>
    /// <param name="home">The login directory of the user.</param>
    public static LoginFiles Look(string settings, string home)
    {
        var directory = Path.Combine(settings, "profile.d");
        string[] paths =
        [
            Path.Combine(settings, "profile"),
            directory,
            Path.Combine(settings, "environment"),
            Path.Combine(settings, "bash.bashrc"),
            Path.Combine(home, ".bash_profile"),
            Path.Combine(home, ".bash_login"),
            Path.Combine(home, ".profile"),
            Path.Combine(home, ".bashrc"),
            .. FilesOf(directory),
        ];
        return new LoginFiles(Array.ConvertAll(paths, path =>
        {
            var name = Encoding.UTF8.GetBytes(path + '\0');
            return (name, FileStatus.Find(name, followLink: true));
        }));
    }

    /// <summary>Whether they are as they were. One system call for each of them: this is asked for every command.</summary>
    public bool AreUnchanged()
    {
        foreach (var (path, seen) in _files)
        {
            if (FileStatus.Find(path, followLink: true) != seen)
            {
                return false;
            }
        }

        return true;
    }

    private static string[] FilesOf(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory).Take(MostOfADirectory)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
