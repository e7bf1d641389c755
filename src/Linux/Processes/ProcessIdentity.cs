using System.Globalization;

namespace OpenShell.Linux.Processes;

/// <summary>
/// One process for good: its number together with its start time, since numbers are used again.
/// </summary>
/// <param name="StartTicks">When it started, in clock ticks since the host booted (field 22 of /proc/PID/stat).</param>
public sealed record ProcessIdentity(int ProcessId, long StartTicks)
{
    // Positions behind the command name, which is in parentheses and may itself hold spaces and parentheses.
    private const int StateField = 0;
    private const int StartTimeField = 19;

    /// <summary>The process that has this number now; null if there is none, or only a zombie.</summary>
    public static ProcessIdentity? TryRead(int processId)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[StateField] is "Z" or "X"
            ? null
            : new ProcessIdentity(processId, long.Parse(fields[StartTimeField], CultureInfo.InvariantCulture));
    }

    /// <summary>Whether exactly this process still runs.</summary>
    public bool IsAlive() => TryRead(ProcessId) == this;

    /// <summary>Sends SIGKILL to exactly this process; false if it had gone already.</summary>
    public bool Kill()
    {
        using var descriptor = ProcessDescriptor.TryOpen(ProcessId);

        // The order matters: the descriptor is opened first, so what is checked is what is killed.
        return descriptor is not null && IsAlive() && descriptor.TrySignal(Signals.Kill);
    }

    /// <summary>Waits until the process is gone.</summary>
    /// <returns>False if it still runs when the time is over.</returns>
    public async Task<bool> WaitForEndAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        // It is not our child (QEMU detaches itself), so there is nothing to wait on; /proc is looked at instead, for
        // the short time between the end of its QMP connection or a KILL and the end of the process.
        var started = time.GetTimestamp();
        while (IsAlive())
        {
            if (time.GetElapsedTime(started) >= timeout)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancellationToken);
        }

        return true;
    }
}
