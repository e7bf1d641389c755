using System.Diagnostics;
using System.Globalization;

namespace OpenShell.TestKit;

/// <summary>How a program ended, and what it wrote to standard error.</summary>
/// <param name="ExitCode">Its exit code; 128 + n for signal n.</param>
/// <param name="Error">Its standard error.</param>
public sealed record ProgramRun(int ExitCode, string Error)
{
    /// <summary>Runs one of our programs to its end.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Task<ProgramRun> RunAsync(string program, params string[] arguments) => RunLimitedAsync("", program, arguments);

    /// <summary>Runs one of our programs under limits.</summary>
    /// <param name="limits">Shell commands before it, such as <c>ulimit -n 64</c>.</param>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<ProgramRun> RunLimitedAsync(string limits, string program, params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("/bin/bash", ["-c", $"{limits}\nexec \"$@\"", "bash", TestPaths.Program(program), .. arguments])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                RedirectStandardInput = true,
            }.WithoutDiagnosticPipes(),
        };
        process.Start();
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        try
        {
            await Eventually.EndsAsync(
                process.WaitForExitAsync(), string.Create(CultureInfo.InvariantCulture, $"{program} {string.Join(' ', arguments)} ends"), TimeSpan.FromMinutes(1));
        }
        catch
        {
            process.Kill();
            throw;
        }

        await output;
        return new ProgramRun(process.ExitCode, await error);
    }

    /// <summary>Fails unless it said in one line what is wrong, and where, and ended with this code.</summary>
    public void AssertOneLine(int exitCode, params string[] parts)
    {
        Assert.Multiple(() =>
        {
            Assert.That(ExitCode, Is.EqualTo(exitCode), Error);
            Assert.That(Error.TrimEnd('\n'), Does.Not.Contain("\n").And.Not.Empty);
            foreach (var part in parts)
            {
                Assert.That(Error, Does.Contain(part));
            }
        });
    }
}
