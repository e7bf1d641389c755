using System.Diagnostics;
using OpenShell.Cli.Hosting;

namespace OpenShell.Cli.Forwarding;

/// <summary>Starts this program once more for a forward that outlives this run, and waits until it is ready or has failed.</summary>
internal sealed class DetachedForward(CliHost host)
{
    /// <param name="arguments">Its command line.</param>
    /// <param name="cancellationToken">Gives up; the other run ends, too.</param>
    /// <returns>The exit code: 0 if it goes on.</returns>
    public async Task<int> StartAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        // Its errors go straight to our standard error; its output ends when it is ready, or when it ends.
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true },
        };
        process.Start();
        process.StandardInput.Close();
        try
        {
            await process.StandardOutput.BaseStream.CopyToAsync(host.Console.OutStream, cancellationToken);
            if (new ForwardStore(host.Environment).List().Any(record => record.Pid == process.Id))
            {
                return ExitCode.Ok;
            }

            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == ExitCode.Ok ? ExitCode.Failed : process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
