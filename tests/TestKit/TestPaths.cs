namespace OpenShell.TestKit;

/// <summary>Where the built programs are.</summary>
public static class TestPaths
{
    /// <summary>The repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>What eng/build.sh made, or OPENSHELL_BIN_DIR.</summary>
    public static string Bin { get; } = Environment.GetEnvironmentVariable("OPENSHELL_BIN_DIR") is { Length: > 0 } given
        ? given
        : Path.Combine(Root, "artifacts", "bin");

    /// <summary>A built program.</summary>
    /// <exception cref="AssertionException">It has not been built; the message says how.</exception>
    public static string Program(string name)
    {
        var path = Path.Combine(Bin, name);
        return File.Exists(path) ? path : throw new AssertionException($"{path} is missing: run eng/build.sh");
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "global.json")))
            {
                return directory.FullName;
            }
        }

        throw new AssertionException("the repository's root was not found above the test's directory");
    }
}
