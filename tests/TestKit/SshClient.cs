using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace OpenShell.TestKit;

/// <summary>OpenSSH's programs against a Unix socket, without any configuration of whoever runs the tests.</summary>
public static class SshClient
{
    /// <summary>What the host is called; it is the proxy command that decides.</summary>
    public const string Host = "box";

    /// <summary>Options that ssh, scp and sftp understand. The supervisor's uplink is what carries the bytes.</summary>
    public static string[] Options(string socket) =>
    [
        "-F", "none",
        "-o", $"ProxyCommand={TestPaths.Program("openshell-supervisor")} uplink unix:{socket}",
        "-o", "StrictHostKeyChecking=no",
        "-o", "UserKnownHostsFile=/dev/null",
        "-o", "IdentityFile=none",
        "-o", "IdentityAgent=none",
        "-o", "LogLevel=ERROR",
    ];

    /// <summary>Runs one of OpenSSH's programs to its end.</summary>
    /// <param name="program">ssh, scp or sftp.</param>
    /// <param name="socket">Where the server listens.</param>
    /// <param name="input">All of its input; null leaves it open and empty until the end.</param>
    /// <param name="arguments">What follows the options.</param>
    public static Task<SshOutcome> RunProgramAsync(string program, string socket, byte[]? input, params string[] arguments) =>
        RunAsync(program, input, [.. Options(socket), .. arguments]);

    /// <summary>As <see cref="RunProgramAsync"/>, with the caller's options.</summary>
    public static async Task<SshOutcome> RunAsync(string program, byte[]? input, string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = StandardStreams.ReadAsync(process.StandardOutput.BaseStream);
        var error = process.StandardError.ReadToEndAsync();
        await StandardStreams.WriteInputAsync(process, input);

        try
        {
            await Eventually.EndsAsync(process.WaitForExitAsync(), $"{program} {string.Join(' ', arguments)} ends");
        }
        catch (AssertionException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new SshOutcome(process.ExitCode, await output, await error);
    }

    /// <summary>Waits until a client that was started with -v is told a port it has asked for as 0.</summary>
    public static async Task<int> ReadAllocatedPortAsync(Process client)
    {
        const string Said = "Allocated port ";
        var line = await Eventually.EndsAsync(
            FindLineAsync(client.StandardError, line => line.StartsWith(Said, StringComparison.Ordinal)), "the client is told the port");
        return int.Parse(line[Said.Length..].Split(' ')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>The next line that is the one.</summary>
    public static async Task<string> FindLineAsync(StreamReader reader, Func<string, bool> isTheOne)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (isTheOne(line))
            {
                return line;
            }
        }

        throw new AssertionException("the output ended before the line that was waited for");
    }

    /// <summary>Starts one of OpenSSH's programs, with its standard streams redirected.</summary>
    public static Process Start(string program, string socket, params string[] arguments) =>
        Start(program, [.. Options(socket), .. arguments]);

    /// <summary>As the other overload, with the caller's options.</summary>
    public static Process Start(string program, string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}

/// <summary>How a client of SSH ended.</summary>
/// <param name="ExitCode">Its code: the command's, or 255.</param>
/// <param name="Output">What it wrote to its output.</param>
/// <param name="Error">And what to its standard error.</param>
public sealed record SshOutcome(int ExitCode, byte[] Output, string Error)
{
    /// <summary>Its output as text.</summary>
    public string Text => Encoding.UTF8.GetString(Output);
}
