using System.Globalization;
using OpenShell.Cli.Text;

namespace OpenShell.Cli.Transfer;

/// <summary>Compares what a copy's permissions and times should be with what they are.</summary>
internal static class KeptAttributes
{
    /// <summary>Names what was not kept; null when all was.</summary>
    /// <param name="wanted">As it is where it came from.</param>
    /// <param name="mode">The permission bits of the copy; those of a link mean nothing.</param>
    /// <param name="seconds">When the copy was changed.</param>
    /// <param name="nanoseconds">What is to be added to that.</param>
    public static string? Difference(Entry wanted, int mode, long seconds, int nanoseconds)
    {
        List<string> differences = [];
        if (wanted.Kind != EntryKind.SymbolicLink && mode != wanted.Mode)
        {
            differences.Add($"permissions (they are {Octal(mode)}, not {Octal(wanted.Mode)})");
        }

        if ((seconds, nanoseconds) != (wanted.ModifiedSeconds, wanted.ModifiedNanoseconds))
        {
            differences.Add($"time (it is {Time(seconds, nanoseconds)}, not {Time(wanted.ModifiedSeconds, wanted.ModifiedNanoseconds)})");
        }

        return differences.Count == 0 ? null : $"'{RawPath.Show(wanted.Path)}' did not keep its {string.Join(" and its ", differences)}";
    }

    private static string Octal(int mode) => Convert.ToString(mode, 8).PadLeft(4, '0');

    private static string Time(long seconds, int nanoseconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds}.{nanoseconds:D9}");
}
