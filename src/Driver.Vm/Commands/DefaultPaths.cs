namespace OpenShell.Driver.Vm.Commands;

/// <summary>Where things are if nobody says otherwise.</summary>
internal static class DefaultPaths
{
    public static string StateDirectory => Path.Combine(StateHome, "openshell", "vm-driver");

    public static string GuestDirectory => Path.Combine(AppContext.BaseDirectory, "guest");

    public static string Supervisor => Path.Combine(AppContext.BaseDirectory, "openshell-supervisor");

    private static string StateHome =>
        Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } home && Path.IsPathRooted(home)
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
}
