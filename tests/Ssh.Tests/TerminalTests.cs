using System.Diagnostics;
using System.Text;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests;

/// <summary>Terminals: size, type, modes, resize, and the keys that make signals.</summary>
public sealed class TerminalTests : SandboxTest
{
    [Test]
    public async Task Exec_WithTerminal_HasSizeTypeAndOneOutput()
    {
        var outcome = await RunAsync("-tt", SshClient.Host, "tty; echo $TERM; echo err >&2; test -t 0 && echo terminal");

        Assert.That(outcome.ExitCode, Is.Zero);
        Assert.That(outcome.Text, Does.StartWith("/dev/pts/").And.Contain("err\r\n").And.EndWith("terminal\r\n"));
    }

    // script gives the client a terminal whose size and modes the test sets.
    [Test]
    public async Task Exec_ClientsTerminal_SizeAndModesArrive()
    {
        var text = await RunOnTerminalAsync("stty rows 33 cols 101 intr ^K -ixon", "stty -a");

        Assert.That(text, Does.Contain("rows 33; columns 101").And.Contain("intr = ^K").And.Contain("-ixon"));
    }

    [Test]
    public async Task WindowChange_RunningProgram_IsTold()
    {
        var ready = Server.File("ready");
        var text = await RunOnTerminalAsync(
            $"stty rows 20 cols 60\n(while ! test -e {ready}; do sleep 0.05; done; stty rows 44 cols 77 < /dev/tty) &",
            $"trap 'stty size; exit 0' WINCH; touch {ready}; while :; do sleep 0.1; done");

        Assert.That(text, Does.Contain("44 77"));
    }

    [Test]
    public async Task Input_InterruptCharacter_ReachesTheForeground()
    {
        using var process = SshClient.Start("ssh", Server.Socket, "-tt", SshClient.Host, "sleep 300; echo not reached");
        await Eventually.BecomesTrueAsync(() => Server.ProcessCount > 0, "the command runs");
        await process.StandardInput.BaseStream.WriteAsync(new byte[] { 3 });
        await process.StandardInput.BaseStream.FlushAsync();

        await Eventually.EndsAsync(process.WaitForExitAsync(), "the interrupted command ends");
        Assert.That(await process.StandardOutput.ReadToEndAsync(), Does.Not.Contain("not reached"));
    }

    private async Task<string> RunOnTerminalAsync(string prepare, string command)
    {
        var script = Server.File("client.sh");
        var ssh = string.Join(' ', SshClient.Options(Server.Socket).Select(Quote));
        await File.WriteAllTextAsync(script, $"{prepare}\nssh {ssh} -tt {SshClient.Host} {Quote(command)}\n");
        using var process = Process.Start(new ProcessStartInfo("script", ["-qec", $"sh {script}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        try
        {
            await Eventually.EndsAsync(process.WaitForExitAsync(), "the client on a terminal ends");
        }
        catch (AssertionException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return await output;
    }

    private static string Quote(string word) => new StringBuilder(word).Replace("'", "'\\''").Insert(0, '\'').Append('\'').ToString();
}
