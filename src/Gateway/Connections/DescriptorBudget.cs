using System.Globalization;

namespace OpenShell.Gateway.Connections;

/// <summary>How many connections the process has descriptors for.</summary>
/// <param name="MaxConnections">Of the HTTP listeners together.</param>
/// <param name="MaxSsh">Of the public SSH gateway.</param>
internal sealed record DescriptorBudget(int MaxConnections, int MaxSsh)
{
    private const int MostSsh = 320;

    /// <summary>From the limit of this process and what it has open already.</summary>
    /// <param name="ssh">Whether there is a public SSH gateway.</param>
    public static DescriptorBudget Of(ConnectionOptions options, bool ssh)
    {
        var open = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        var all = Math.Max(2, SoftLimit() - open - options.ReservedDescriptors);
        var forSsh = ssh ? Math.Min(MostSsh, all / 3) : 0;
        return new DescriptorBudget(all - forSsh, forSsh);
    }

    private static int SoftLimit()
    {
        const string Name = "Max open files";
        var line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith(Name, StringComparison.Ordinal));
        var soft = line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
    }
}
