using System.Globalization;

namespace OpenShell.Cli.Native;

/// <summary>When a process started: with its pid, the process itself and no other that came to have the same number.</summary>
/// <param name="Boot">The machine's boot id.</param>
/// <param name="Ticks">Clock ticks since that boot.</param>
internal sealed record ProcessStart(string Boot, long Ticks)
{
    // Fields of /proc/PID/stat behind the name, which may have spaces and parentheses itself; the start is field 22.
    private const int StartField = 22 - 3;

    /// <summary>Null when there is no such process.</summary>
    public static ProcessStart? Of(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var dead = fields[0] is "Z" or "X";
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            return dead ? null : new ProcessStart(boot, long.Parse(fields[StartField], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
