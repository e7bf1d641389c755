namespace OpenShell.Linux.Processes;

/// <summary>
/// When a process started: with its number, the process itself and no other that came to have the same number, also after
/// the machine was started anew.
/// </summary>
/// <param name="Boot">The machine's boot id.</param>
/// <param name="Ticks">Clock ticks since that boot.</param>
public sealed record ProcessStart(string Boot, long Ticks)
{
    /// <summary>Null when there is no such process.</summary>
    public static ProcessStart? Of(int processId)
    {
        try
        {
            return ProcessIdentity.TryRead(processId) is { } process
                ? new ProcessStart(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), process.StartTicks)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Null when there is no such process, or another one has the number by now.</summary>
    public ProcessDescriptor? TryOpen(int processId)
    {
        // Looked at after opening: if it is the one now, the descriptor is of no other.
        var descriptor = ProcessDescriptor.TryOpen(processId);
        if (descriptor is null || Of(processId) == this)
        {
            return descriptor;
        }

        descriptor.Dispose();
        return null;
    }
}
