using System.Diagnostics;
using System.Text;

namespace OpenShell.TestKit;

/// <summary>The real command line, against a gateway.</summary>
public static class CliProcess
{
    /// <summary>What leads the command line to a gateway, with directories of its own; and it first in PATH.</summary>
    public static IReadOnlyDictionary<string, string> Environment(GatewayProcess gateway, TestDirectory directory) => new Dictionary<string, string>
    {
        ["OPENSHELL_GATEWAY_ENDPOINT"] = gateway.LocalEndpoint,
        ["XDG_CONFIG_HOME"] = directory.File("config"),
        ["XDG_STATE_HOME"] = directory.File("state"),
        ["XDG_RUNTIME_DIR"] = directory.File("run"),
        ["HOME"] = directory.File("home"),
        ["PATH"] = $"{TestPaths.Bin}:{System.Environment.GetEnvironmentVariable("PATH")}",
    };

    /// <summary>Runs a script of bash that calls <c>openshell</c> to its end, without input.</summary>
    /// <param name="gateway">Whose token and endpoint it uses.</param>
    /// <param name="directory">Holds its configuration.</param>
    /// <param name="script">The script; arguments are its <c>$1</c> and so on.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Task<CliOutcome> ScriptAsync(GatewayProcess gateway, TestDirectory directory, string script, params string[] arguments) =>
        RunAsync("bash", gateway, directory, [], ["-c", script, "bash", .. arguments]);

    /// <summary>Runs it to its end.</summary>
    /// <param name="gateway">Whose socket it uses.</param>
    /// <param name="directory">Holds its configuration.</param>
    /// <param name="input">All of its input; null leaves it open and empty until the end.</param>
    /// <param name="arguments">The command line.</param>
    public static Task<CliOutcome> RunAsync(GatewayProcess gateway, TestDirectory directory, byte[]? input, params string[] arguments) =>
        RunAsync(TestPaths.Program("openshell"), gateway, directory, input, arguments);

    private static async Task<CliOutcome> RunAsync(string program, GatewayProcess gateway, TestDirectory directory, byte[]? input, string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        foreach (var (name, value) in Environment(gateway, directory))
        {
            process.StartInfo.Environment[name] = value;
        }

        process.Start();
        var output = StandardStreams.ReadAsync(process.StandardOutput.BaseStream);
        var error = process.StandardError.ReadToEndAsync();
        await StandardStreams.WriteInputAsync(process, input);

        await Eventually.EndsAsync(process.WaitForExitAsync(), $"{program} {string.Join(' ', arguments)} ends", TimeSpan.FromMinutes(5));
        return new CliOutcome(process.ExitCode, await output, await error);
    }
}

/// <summary>How a run of the command line ended.</summary>
public sealed record CliOutcome(int ExitCode, byte[] Out, string Error)
{
    /// <summary>stdout as text.</summary>
    public string Text => Encoding.UTF8.GetString(Out);
}
