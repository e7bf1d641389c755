using System.Diagnostics;
using OpenShell.Cli.Context;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Forwarding;

/// <summary>Starts this program once more for a forward that outlives this run, and waits until it is ready or has failed.</summary>
internal sealed class DetachedForward(CliContext context)
{
    /// <summary>The option that this program gives to itself.</summary>
    public const string BackgroundRun = "--background-run";

    /// <summary>What the other run writes behind its output when it is ready.</summary>
    public const byte ReadyMark = 0;

    /// <param name="cancellationToken">Gives up; the other run ends, too.</param>
    /// <returns>The exit code: 0 if it goes on.</returns>
    public async Task<int> StartAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        // Its errors go straight to our standard error; its output is ours until it says that it is ready.
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true },
        };
        process.Start();
        process.StandardInput.Close();
        try
        {
            var buffer = new byte[4096];
            while (await process.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                var ready = buffer.AsSpan(0, count).IndexOf(ReadyMark);
                await context.Console.OutStream.WriteAsync(buffer.AsMemory(0, ready < 0 ? count : ready), cancellationToken);
                if (ready >= 0)
                {
                    return ExitCodes.Ok;
                }
            }

            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == ExitCodes.Ok ? ExitCodes.Failed : process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
