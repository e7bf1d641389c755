using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Tests.Fakes;

namespace OpenShell.Supervisor.Tests.Exec;

/// <summary>Processes on terminals of a real supervisor.</summary>
public sealed class TerminalTests : SupervisorTest
{
    [Test]
    public async Task Terminal_WithModes_HasThem()
    {
        // VINTR = ^A, no ECHO, CR stays CR, and then an opcode that nobody knows and a cut-off one.
        byte[] modes = [1, 0, 0, 0, 1, 53, 0, 0, 0, 0, 36, 0, 0, 0, 0, 200, 0, 0, 0, 0, 50, 0];
        await using var call = await StartAsync(new ExecTerminal { Modes = Google.Protobuf.ByteString.CopyFrom(modes) }, "stty", "-a");
        var settings = (await call.ReadToExitAsync()).Output;
        Assert.That(settings, Does.Contain("intr = ^A;").And.Contain(" -echo ").And.Contain("-icrnl").And.Contain("isig "));
    }

    [Test]
    public async Task Terminal_EndOfFileCharacterWasChanged_EndOfInputIsThatOne()
    {
        byte[] modes = [5, 0, 0, 0, 24, 0];
        await using var call = await StartAsync(new ExecTerminal { Modes = Google.Protobuf.ByteString.CopyFrom(modes) }, "cat");
        await call.WriteAsync("in the middle of a line");
        await call.EndInputAsync();
        Assert.That((await call.ReadToExitAsync()).Exit, Is.EqualTo(new ExecExit()));
    }

    [Test]
    public async Task Terminal_SizeBeforeAndAfterResize_IsSeenByStty()
    {
        await using var call = await StartAsync(new ExecTerminal { Cols = 91, Rows = 17 }, "sh", "-c", "stty size; read line; stty size");
        await call.ReadUntilAsync("17 91");
        await call.Channel.WriteAsync(ExecFrameType.Resize, new ExecResize { Cols = 132, Rows = 50 }, CancellationToken.None);
        await call.WriteAsync("\n");
        Assert.That((await call.ReadToExitAsync()).Output, Does.Contain("50 132"));
    }

    [Test]
    public async Task Terminal_InteractiveShell_HasJobControl()
    {
        await using var call = await StartAsync(new ExecTerminal(), "bash", "--norc", "--noprofile", "-i");
        await call.WriteAsync("PS1='$ '; echo be''gin\n");
        await call.ReadUntilAsync("begin");
        await call.WriteAsync("sleep 221\n");
        await UntilForegroundAsync("sleep 221");
        await call.WriteAsync("\x1a");
        Assert.That(await call.ReadUntilAsync("Stopped"), Does.Not.Contain("no job control"));
        await call.WriteAsync("jobs; fg\n");
        await UntilForegroundAsync("sleep 221");
        await call.WriteAsync("\x03");
        await call.WriteAsync("echo code $?\n");
        await call.ReadUntilAsync("code 130");
        await call.WriteAsync("exit 6\n");
        Assert.That((await call.ReadToExitAsync()).Exit.Code, Is.EqualTo(6));
    }

    private Task<ExecCall> StartAsync(ExecTerminal terminal, params string[] argv) =>
        Gateway.ExecAsync(new ExecStart { Argv = { argv }, Terminal = terminal });

    // Keys go to whoever has the terminal at that moment.
    private async Task UntilForegroundAsync(string command)
    {
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        while (true)
        {
            await using var call = await Gateway.ExecAsync("sh", "-c", $"ps -o stat= -p $(pgrep -xf '{command}')");
            if ((await call.ReadToExitAsync()).Output.Contains("S+", StringComparison.Ordinal))
            {
                return;
            }

            Assert.That(timeout.IsCancellationRequested, Is.False, $"'{command}' did not get the terminal");
        }
    }
}
