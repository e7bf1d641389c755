namespace OpenShell.Linux.Programs;

/// <summary>Where a user's files belong (XDG base directory specification). Our own folder in each is <c>openshell</c>.</summary>
/// <param name="read">A variable of the environment; null where it is not set or empty.</param>
public sealed class XdgDirectories(Func<string, string?> read)
{
    private const string Folder = "openshell";

    /// <summary>As the environment of this process says.</summary>
    public static XdgDirectories OfProcess { get; } =
        new(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null);

    /// <summary>The user's home directory.</summary>
    public string Home => UnderHome("");

    /// <summary>$XDG_CONFIG_HOME/openshell.</summary>
    public string Config => Path.Combine(Absolute("XDG_CONFIG_HOME") ?? UnderHome(".config"), Folder);

    /// <summary>$XDG_STATE_HOME/openshell.</summary>
    public string State => Path.Combine(Absolute("XDG_STATE_HOME") ?? UnderHome(".local/state"), Folder);

    /// <summary>$XDG_RUNTIME_DIR/openshell, gone with the user's last login; else in the state directory.</summary>
    public string Runtime => Absolute("XDG_RUNTIME_DIR") is { } path ? Path.Combine(path, Folder) : Path.Combine(State, "run");

    // The specification says that relative paths are to be ignored.
    private string? Absolute(string name) => read(name) is { } path && Path.IsPathRooted(path) ? path : null;

    // Without HOME it is what the system has for the user, whether that is there or not: a path that is not absolute would
    // be one in the current directory.
    private string UnderHome(string directory)
    {
        var ofUser = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(read("HOME") ?? (ofUser.Length > 0 ? ofUser : "/"), directory);
    }
}
