namespace OpenShell.Supervisor.Ssh;

/// <summary>Directories that only we enter.</summary>
internal static class PrivateDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes it; one that is there stays as it is, because it may be somebody else's.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static void Make(string path) => Directory.CreateDirectory(path, OwnerOnly);
}
