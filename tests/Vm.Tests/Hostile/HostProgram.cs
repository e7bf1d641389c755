using System.Diagnostics;

namespace OpenShell.Vm.Hostile;

/// <summary>Programs of the host.</summary>
internal static class HostProgram
{
    /// <summary>Runs one, which must succeed.</summary>
    /// <returns>Its output.</returns>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}: {await output}{await error}");
        return await output;
    }
}
