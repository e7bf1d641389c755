using System.Globalization;
using System.Text;
using OpenShell.Driver.Vm.Native;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>Finds the QEMU of a sandbox by what is on disk, when nobody remembers it.</summary>
internal static class Leftovers
{
    /// <summary>
    /// The process of a sandbox: the recorded one, or the one in QEMU's pid file if its command line names that very
    /// file (the number alone might be another process by now).
    /// </summary>
    public static ProcessIdentity? FindProcess(SandboxRecord? record, SandboxLayout layout)
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

    /// <summary>Kills what is left of a sandbox's machine and waits until it is gone.</summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> KillAsync(SandboxRecord? record, SandboxLayout layout, TimeProvider time)
    {
        if (FindProcess(record, layout) is not { } process)
        {
            return false;
        }

        process.Kill();
        await process.WaitForEndAsync(TimeSpan.FromSeconds(5), time, CancellationToken.None);
        return true;
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
