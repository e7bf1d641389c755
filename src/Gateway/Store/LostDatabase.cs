using OpenShell.Gateway.Configuration;

namespace OpenShell.Gateway.Store;

/// <summary>Finds out whether a gateway had a database before, so that it never begins with an empty one where data was.</summary>
internal static class LostDatabase
{
    /// <summary>What shows it, for people; null if nothing does, or if a new one is wanted.</summary>
    /// <param name="keyFile">A file of the gateway's own directory that is made after the database.</param>
    /// <param name="driverStateDirectory">The driver's, if the gateway runs its own; else null.</param>
    public static string? FindTraces(GatewayOptions options, string keyFile, string? driverStateDirectory)
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

        // Only with the database in the same directory does it show that there was one.
        return Path.GetDirectoryName(options.Database.Path) == Path.GetDirectoryName(keyFile) && Path.Exists(keyFile)
            ? $"{keyFile} shows that there was one"
            : null;
    }
}
