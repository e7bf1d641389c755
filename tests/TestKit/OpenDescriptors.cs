using System.Globalization;

namespace OpenShell.TestKit;

/// <summary>
/// The descriptors that a process had open at a moment, counted by kind: socket, pipe, eventfd, eventpoll, timerfd, file,
/// device, …. Libraries are left out: the runtime keeps those open that it has loaded, and loads one when it is needed.
/// </summary>
public sealed class OpenDescriptors
{
    private const string AnonymousInode = "anon_inode:";

    private readonly int _pid;
    private readonly Dictionary<string, int> _counts;

    private OpenDescriptors(int pid, Dictionary<string, int> counts) => (_pid, _counts) = (pid, counts);

    /// <summary>How many a process has open now, of whatever kind.</summary>
    public static int CountOf(int pid) => Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd")).Length;

    /// <summary>What the process has open now.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such process.</exception>
    public static OpenDescriptors Of(int pid) => new(
        pid,
        Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd"))
            .Select(TargetOf).OfType<string>().Where(t => !IsLibrary(t)).CountBy(KindOf).ToDictionary());

    /// <summary>
    /// The kinds of which the process has more now than it had then, each as "kind: now, were then"; empty if none.
    /// </summary>
    /// <param name="furtherSockets">Sockets that it may have made meanwhile.</param>
    public string Growth(int furtherSockets)
    {
        var now = Of(_pid)._counts;
        return string.Join("; ", now
            .Where(n => n.Value > _counts.GetValueOrDefault(n.Key) + (n.Key == "socket" ? furtherSockets : 0))
            .Select(n => string.Create(CultureInfo.InvariantCulture, $"{n.Key}: {n.Value}, were {_counts.GetValueOrDefault(n.Key)}")));
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"process {_pid}: {string.Join(", ", _counts.OrderBy(c => c.Key).Select(c => $"{c.Value} {c.Key}"))}");

    // Null if it was closed between the listing and the look.
    private static string? TargetOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsLibrary(string target) =>
        target.StartsWith('/') && (target.EndsWith(".dll", StringComparison.Ordinal) || target.EndsWith(".so", StringComparison.Ordinal));

    private static string KindOf(string target)
    {
        if (target.StartsWith(AnonymousInode, StringComparison.Ordinal))
        {
            return target[AnonymousInode.Length..].Trim('[', ']');
        }

        if (target.StartsWith('/'))
        {
            return target.StartsWith("/dev/", StringComparison.Ordinal) ? "device" : "file";
        }

        // As "socket:[4711]".
        return target.Split(':')[0];
    }
}
