using System.Diagnostics;

namespace OpenShell.TestKit;

/// <summary>The real command line, against a gateway.</summary>
public static class CliProcess
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="gateway">Whose token and endpoint it uses.</param>
    /// <param name="directory">Holds its configuration.</param>
    /// <param name="input">All of its input; null leaves it open and empty until the end.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<CliOutcome> RunAsync(GatewayProcess gateway, TestDirectory directory, byte[]? input, params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(TestPaths.Program("openshell"), arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    ["OPENSHELL_GATEWAY_ENDPOINT"] = gateway.Endpoint.ToString(),
                    ["OPENSHELL_TOKEN_FILE"] = directory.File("gateway/admin.token"),
                    ["XDG_CONFIG_HOME"] = directory.File("config"),
                    ["XDG_STATE_HOME"] = directory.File("state"),
                    ["XDG_RUNTIME_DIR"] = directory.File("run"),
                    ["HOME"] = directory.File("home"),
                },
            },
        };
        process.Start();
        var output = StandardStreams.ReadAsync(process.StandardOutput.BaseStream);
        var error = process.StandardError.ReadToEndAsync();
        await StandardStreams.WriteInputAsync(process, input);

        await Eventually.EndsAsync(process.WaitForExitAsync(), $"openshell {string.Join(' ', arguments)} ends", TimeSpan.FromMinutes(2));
        return new CliOutcome(process.ExitCode, await output, await error);
    }
}
