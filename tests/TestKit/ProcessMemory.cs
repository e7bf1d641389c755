using System.Globalization;

namespace OpenShell.TestKit;

/// <summary>Resident memory of a process.</summary>
public static class ProcessMemory
{
    /// <summary>Begins to measure the most anew (proc(5), clear_refs).</summary>
    public static void ResetPeak(int pid) => File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/clear_refs"), "5");

    /// <summary>The most since then, in bytes.</summary>
    public static long Peak(int pid)
    {
        var lines = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"));
        var line = lines.First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
