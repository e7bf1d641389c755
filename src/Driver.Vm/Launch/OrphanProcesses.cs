using System.Globalization;
using System.Text;
using OpenShell.Driver.Vm.Helpers;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Launch;

/// <summary>QEMU processes that no driver object stands for: found by the record and the pid file of their sandbox.</summary>
internal static class OrphanProcesses
{
    // After KILL there is only the kernel's own work left; a process that it cannot end is not waited for.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The process of a sandbox: the recorded one, or the one in QEMU's pid file if its command line names that very
    /// file (the number alone might be another process by now).
    /// </summary>
    public static ProcessIdentity? FindProcess(MachineRecord? record, SandboxLayout layout)
    {
        if (record?.Process is { } recorded && recorded.IsAlive())
        {
            return recorded;
        }

        return ReadPidFile(layout.PidFilePath) is { } processId
            && ProcessIdentity.TryRead(processId) is { } process
            && CommandLine(processId).Contains(layout.PidFilePath, StringComparer.Ordinal)
            ? process
            : null;
    }

    /// <summary>Kills what is left of a sandbox's machine and waits until it is gone; its helper goes with it.</summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> KillAsync(MachineRecord? record, SandboxLayout layout, TimeProvider time)
    {
        var process = FindProcess(record, layout);
        if (process is not null)
        {
            process.Kill();
            await process.WaitForEndAsync(EndTimeout, time, CancellationToken.None);
        }

        if (MachineHelper.TryConnect(layout) is { } helper)
        {
            using (helper)
            {
                await helper.EndAsync(EndTimeout, time);
            }
        }

        return process is not null;
    }

    private static int? ReadPidFile(string path)
    {
        try
        {
            return int.TryParse(File.ReadAllText(path), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var processId)
                ? processId
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string[] CommandLine(int processId)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/cmdline"))).Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
