namespace OpenShell.TestKit;

/// <summary>A directory of one test, short enough for the sockets in it; gone afterwards.</summary>
public sealed class TestDirectory : IDisposable
{
    /// <summary>Makes it.</summary>
    public TestDirectory() => Path = Directory.CreateTempSubdirectory("os-t-").FullName;

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>A path in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
