namespace OpenShell.Supervisor.Processes;

/// <summary>Where a program may be, in the order in which it is tried.</summary>
internal static class ProgramSearch
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private static readonly string[] LoginShells = ["bash", "ash", "sh"];

    /// <summary>The paths that execvp would try. The kernel decides which of them runs, as the user and in the working directory.</summary>
    public static List<string> Candidates(string program, string searchPath)
    {
        if (program.Contains('/', StringComparison.Ordinal))
        {
            return [program];
        }

        return [.. searchPath.Split(':').Select(directory => $"{(directory.Length == 0 ? "." : directory)}/{program}")];
    }

    /// <summary>The first of bash, ash and sh that the image has.</summary>
    public static string? FindLoginShell(string searchPath) =>
        LoginShells.Select(shell => Find(shell, searchPath)).FirstOrDefault(path => path is not null);

    /// <summary>The first file of that name that somebody may execute.</summary>
    public static string? Find(string program, string searchPath) => Candidates(program, searchPath).Find(IsProgram);

    /// <summary>Whether this is a file that somebody may execute.</summary>
    public static bool IsProgram(string path)
    {
        try
        {
            return File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
