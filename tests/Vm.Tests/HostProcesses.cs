using System.Diagnostics;
using System.Globalization;
using System.Text;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>What runs on the host.</summary>
internal static class HostProcesses
{
    /// <summary>Pids of the processes whose command line has this text, but for our own.</summary>
    public static IReadOnlyList<int> Find(string text) =>
        [.. All().Where(p => p.Pid != Environment.ProcessId && p.CommandLine.Contains(text, StringComparison.Ordinal)).Select(p => p.Pid)];

    /// <summary>Every process with its command line and environment, as far as we may read them.</summary>
    public static IEnumerable<(int Pid, string CommandLine, string Environment)> All()
    {
        foreach (var directory in System.IO.Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            {
                yield return (pid, Read(directory, "cmdline"), Read(directory, "environ"));
            }
        }
    }

    /// <summary>Waits until no process names this directory any more.</summary>
    public static Task AssertNoneAsync(string directory) => Eventually.BecomesTrueAsync(
        () => Find(directory).Count == 0, $"every process that names {directory} is gone");

    /// <summary>As kill with this signal: a negative number is a process group.</summary>
    public static async Task SignalAsync(int pid, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", "--", pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Runs one of our programs to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(TestPaths.Program(program), arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }.WithoutDiagnosticPipes(),
        };
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    private static string Read(string directory, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(System.IO.File.ReadAllBytes(Path.Combine(directory, file))).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
