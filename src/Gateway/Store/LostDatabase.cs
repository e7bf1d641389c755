using OpenShell.Gateway.Hosting;

namespace OpenShell.Gateway.Store;

/// <summary>Finds out whether a gateway had a database before, so that it never begins with an empty one where data was.</summary>
internal static class LostDatabase
{
    /// <summary>What shows it, for people; null if nothing does, or if a new one is wanted.</summary>
    /// <param name="options">What the command line says.</param>
    /// <param name="stateDirectory">The gateway's own directory.</param>
    /// <param name="driverStateDirectory">The driver's, if the gateway runs its own; else null.</param>
    public static string? FindTraces(GatewayOptions options, string stateDirectory, string? driverStateDirectory)
    {
        if (options.NewDatabase)
        {
            return null;
        }

        if (driverStateDirectory is not null && Path.Combine(driverStateDirectory, "sandboxes") is var sandboxes
            && Directory.Exists(sandboxes) && Directory.EnumerateFileSystemEntries(sandboxes).Any())
        {
            return $"the driver keeps sandboxes in {sandboxes}";
        }

        // The key is made after the database, so with the database in the same directory it shows that there was one.
        var key = Path.Combine(stateDirectory, Auth.SandboxTokens.KeyFileName);
        return Path.GetDirectoryName(options.Database.Path) == stateDirectory && Path.Exists(key)
            ? $"{key} shows that there was one"
            : null;
    }
}
