using System.Diagnostics;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>Finds QEMU.</summary>
internal static class QemuInstallation
{
    public const string ProgramName = "qemu-system-x86_64";

    /// <summary>What a user is told who has none.</summary>
    public const string MissingMessage = $"{ProgramName} was not found in PATH; install the package qemu-system-x86";

    /// <summary>Its path, looked up each time: it may be installed while the driver runs.</summary>
    public static string? Find(string? searchPath) => ExecutableSearch.Find(ProgramName, searchPath);

    /// <summary>The first line of its --version.</summary>
    public static async Task<string> ReadVersionAsync(string programPath, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(programPath, ["--version"]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{programPath} did not start.");
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return output.Split('\n')[0].Trim();
    }
}
