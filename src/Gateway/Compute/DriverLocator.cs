namespace OpenShell.Gateway.Compute;

/// <summary>Finds the driver's binary.</summary>
internal static class DriverLocator
{
    public const string BinaryName = "openshell-driver-vm";

    /// <summary>The first of: the configured directory (and no other then), beside the gateway, the user's libexec, the system's.</summary>
    /// <returns>The path, or null with the places that were tried.</returns>
    public static (string? Path, IReadOnlyList<string> Tried) Find(string? configuredDirectory)
    {
        IReadOnlyList<string> directories = configuredDirectory is not null
            ? [configuredDirectory]
            : [
                AppContext.BaseDirectory,
                Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/libexec/openshell"),
                "/usr/libexec/openshell",
            ];
        return (directories.Select(d => Path.Combine(d, BinaryName)).FirstOrDefault(File.Exists), directories);
    }
}
