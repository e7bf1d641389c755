using System.Globalization;

namespace OpenShell.Load;

/// <summary>Finds the TCP port that a process listens on, so that no log has to be parsed.</summary>
internal static class ListeningPort
{
    private const string Listen = "0A";

    public static async Task<int> FindAsync(int pid)
    {
        int? port = null;
        await Until.TrueAsync(() => Task.FromResult((port = Find(pid)) is not null), $"process {pid} listens");
        return port!.Value;
    }

    private static int? Find(int pid)
    {
        try
        {
            var sockets = Directory.EnumerateFiles($"/proc/{pid}/fd")
                .Select(f => File.ResolveLinkTarget(f, returnFinalTarget: false)?.Name ?? "")
                .Where(name => name.StartsWith("socket:[", StringComparison.Ordinal))
                .Select(name => name["socket:[".Length..^1])
                .ToHashSet();
            foreach (var line in File.ReadLines("/proc/net/tcp").Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields[3] == Listen && sockets.Contains(fields[9]))
                {
                    return int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It starts, or a descriptor was closed meanwhile.
        }

        return null;
    }
}
