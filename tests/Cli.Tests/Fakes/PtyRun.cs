using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace OpenShell.Cli.Tests.Fakes;

/// <summary>
/// A shell line on a terminal of its own, made by script(1), with <c>$CLI</c> as the real program. OPENSHELL_BIN names
/// another build of it, as the one that is compiled ahead of time.
/// </summary>
internal sealed class PtyRun : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _copy;

    private PtyRun(Process process)
    {
        _process = process;
        _copy = CopyAsync(process.StandardOutput.BaseStream, Output);
    }

    public CaptureStream Output { get; } = new();

    public static PtyRun Start(string line, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("script", ["-qec", line, "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach ((var key, var value) in environment)
        {
            start.Environment[key] = value;
        }

        start.Environment["SHELL"] = "/bin/sh";
        start.Environment["TERM"] = "vt100";
        // It may be killed, and would leave the runtime's pipes in the temporary directory.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["CLI"] = Environment.GetEnvironmentVariable("OPENSHELL_BIN")
            ?? "dotnet " + typeof(PtyRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "CliProgram").Value;
        return new PtyRun(Process.Start(start)!);
    }

    public async Task TypeAsync(string text)
    {
        await _process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(text));
        await _process.StandardInput.BaseStream.FlushAsync();
    }

    /// <summary>Everything that came on the terminal, once the line has ended.</summary>
    public async Task<string> EndAsync()
    {
        using var limit = new CancellationTokenSource(CliHarness.Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            await _copy.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the line did not end within {CliHarness.Limit}; on the terminal: {Output.Text}");
        }

        return Output.Text.ReplaceLineEndings("\n");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        await _copy;
        _process.Dispose();
    }

    private static async Task CopyAsync(Stream from, Stream to) => await from.CopyToAsync(to);
}
