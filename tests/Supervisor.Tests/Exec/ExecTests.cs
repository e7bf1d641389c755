using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Supervisor.Tests.Exec;

/// <summary>What a process gets, and what its caller learns of it.</summary>
public sealed class ExecTests : ExecTestBase
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(255)]
    public async Task Exec_ProcessExits_ItsCodeIsReported(int code)
    {
        var outcome = await RunAsync("sh", "-c", $"exit {code}");
        Assert.That(outcome.Exit, Is.EqualTo(new ExecExit { Code = code }));
    }

    [TestCase("TERM", 15)]
    [TestCase("KILL", 9)]
    [TestCase("PIPE", 13)]
    public async Task Exec_ProcessIsKilled_TheSignalIsReported(string name, int number)
    {
        var outcome = await RunAsync("sh", "-c", $"kill -{name} $$");
        Assert.That(outcome.Exit, Is.EqualTo(new ExecExit { Signal = number }));
    }

    [TestCase("no-such-program", ExecFailure.NotFound)]
    [TestCase("/no/such/program", ExecFailure.NotFound)]
    [TestCase("/etc/passwd", ExecFailure.NotExecutable)]
    [TestCase("/etc", ExecFailure.NotExecutable)]
    [TestCase("", ExecFailure.Invalid)]
    public async Task Exec_ProgramCannotRun_TheReasonIsReported(string program, ExecFailure failure)
    {
        var outcome = await RunAsync(program);
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Exit.Failure, Is.EqualTo(failure));
            Assert.That(outcome.Exit.Message, Does.Contain(program));
            Assert.That(outcome.Pid, Is.Zero);
        });
    }

    [Test]
    public async Task Exec_WorkingDirectory_IsEnteredOrRefused()
    {
        await using var good = await Gateway.ExecAsync(Start("pwd").In("/usr"));
        var entered = await good.ReadToExitAsync();
        await using var bad = await Gateway.ExecAsync(Start("pwd").In("/no/such/directory"));
        var refused = await bad.ReadToExitAsync();
        Assert.Multiple(() =>
        {
            Assert.That(entered.Output, Is.EqualTo("/usr\n"));
            Assert.That(refused.Exit.Failure, Is.EqualTo(ExecFailure.Workdir));
            Assert.That(refused.Exit.Message, Does.Contain("/no/such/directory"));
        });
    }

    [Test]
    public async Task Exec_User_IsBecomeOrRefused()
    {
        await using var good = await Gateway.ExecAsync(Start("sh", "-c", "id -u; id -g; id -G; echo $USER").As("nobody"));
        var become = await good.ReadToExitAsync();
        await using var bad = await Gateway.ExecAsync(Start("id").As("nobody-at-all"));
        var refused = await bad.ReadToExitAsync();
        Assert.Multiple(() =>
        {
            Assert.That(become.Output, Is.EqualTo("65534\n65534\n65534\nnobody\n"));
            Assert.That(refused.Exit.Failure, Is.EqualTo(ExecFailure.User));
        });
    }

    [Test]
    public async Task Exec_Environment_IsOnlyWhatWasGiven()
    {
        var start = Start("env");
        start.Environment["OF_REQUEST"] = "a=b c\nd";
        await using var call = await Gateway.ExecAsync(start);
        var outcome = await call.ReadToExitAsync();
        var names = outcome.Output.Split('\n').Where(line => line.Contains('=', StringComparison.Ordinal)).Select(line => line.Split('=')[0]);
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Output, Does.Contain("OF_REQUEST=a=b c\nd\n"));
            Assert.That(outcome.Output, Does.Contain("FROM_SANDBOX=yes\n").And.Contain("OPENSHELL_SANDBOX=1\n"));
            Assert.That(names, Is.EquivalentTo(new[] { "HOME", "USER", "LOGNAME", "SHELL", "PATH", "FROM_SANDBOX", "OF_REQUEST", "OPENSHELL_SANDBOX" }));
        });
    }

    [Test]
    public async Task Exec_Descriptors_AreThreeAndSignalsAreDefault()
    {
        var outcome = await RunAsync("sh", "-c", "ls /proc/self/fd | wc -l; grep -E 'Sig(Blk|Ign)' /proc/self/status");
        // The fourth is ls looking at the directory.
        Assert.That(outcome.Output, Is.EqualTo("4\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"));
    }

    [Test]
    public async Task Exec_ScriptWithoutInterpreterLine_RunsInShell()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "echo \"$1 and $2\"\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var outcome = await RunAsync(path, "one", "two words");
            Assert.That(outcome.Output, Is.EqualTo("one and two words\n"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public async Task Exec_Arguments_ArriveByteForByte()
    {
        string[] arguments = ["", " ", "a'b\"c", "$HOME", "ä€🙂", "line\nline", "-n"];
        var outcome = await RunAsync(["printf", "%s|", .. arguments]);
        Assert.That(outcome.Output, Is.EqualTo(string.Concat(arguments.Select(argument => argument + "|"))));
    }

    [Test]
    public async Task Exec_Outputs_AreApart()
    {
        var outcome = await RunAsync("sh", "-c", "echo out; echo err >&2");
        Assert.That((outcome.Output, outcome.Error), Is.EqualTo(("out\n", "err\n")));
    }

    [Test]
    public async Task Exec_Terminal_HasSizeTypeAndControl()
    {
        var start = Start("sh", "-c", "stty size; echo $TERM; tty; ps -o tpgid= -p $$ | tr -d ' '; echo $$");
        start.Terminal = new ExecTerminal { Cols = 132, Rows = 43 };
        await using var call = await Gateway.ExecAsync(start);
        var lines = (await call.ReadToExitAsync()).Output.Split("\r\n");
        Assert.Multiple(() =>
        {
            Assert.That(lines[0], Is.EqualTo("43 132"));
            Assert.That(lines[1], Is.EqualTo("xterm-256color"));
            Assert.That(lines[2], Does.StartWith("/dev/pts/"));
            Assert.That(lines[3], Is.EqualTo(lines[4]), "the foreground group of the terminal");
        });
    }

    [Test]
    public async Task Exec_TerminalIsResized_ProcessLearnsIt()
    {
        var start = Start("sh", "-c", "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done");
        start.Terminal = new ExecTerminal { Cols = 80, Rows = 24, Term = "vt100" };
        await using var call = await Gateway.ExecAsync(start);
        var resized = false;
        var outcome = await call.ReadToExitAsync(_ =>
        {
            if (!resized)
            {
                resized = true;
                var sending = call.Channel.WriteAsync(ExecFrameType.Resize, new ExecResize { Cols = 100, Rows = 30 }, CancellationToken.None);
                Assert.That(sending.IsFaulted, Is.False);
            }
        });
        Assert.That(outcome.Output, Does.EndWith("30 100\r\n"));
    }

    [Test]
    public async Task Exec_ResizeWithoutTerminal_IsIgnored()
    {
        await using var call = await Gateway.ExecAsync(Start("cat"));
        await call.Channel.WriteAsync(ExecFrameType.Resize, new ExecResize { Cols = 100, Rows = 30 }, CancellationToken.None);
        await SendAsync(call, "x"u8.ToArray());
        Assert.That((await call.ReadToExitAsync()).Output, Is.EqualTo("x"));
    }

    [Test]
    public async Task Exec_LoginShell_IsALoginShellInTheHomeDirectory()
    {
        var start = new ExecStart { LoginShell = true };
        await using var call = await Gateway.ExecAsync(start);
        await call.WriteAsync("echo $0; pwd; echo $HOME; exit 5\n");
        var outcome = await call.ReadToExitAsync();
        var lines = outcome.Output.Split('\n');
        Assert.Multiple(() =>
        {
            Assert.That(lines[0], Is.EqualTo("-bash"));
            Assert.That(lines[1], Is.EqualTo(lines[2]));
            Assert.That(outcome.Exit.Code, Is.EqualTo(5));
        });
    }

    [Test]
    public async Task Exec_ManyAtOnce_AllAnswerAndNoStatusIsMixedUp()
    {
        var calls = Enumerable.Range(0, 200).Select(async number =>
        {
            await using var call = await Gateway.ExecAsync("sh", "-c", $"echo {number}; exit {number}");
            var outcome = await call.ReadToExitAsync();
            return outcome.Output == $"{number}\n" && outcome.Exit.Equals(new ExecExit { Code = number });
        });
        Assert.That(await Task.WhenAll(calls), Is.All.True);
    }

    [Test]
    public async Task Exec_OrphansOfManyProcesses_AreReapedAndStatusesStayRight()
    {
        var calls = Enumerable.Range(0, 50).Select(async number =>
        {
            await using var call = await Gateway.ExecAsync("sh", "-c", $"(setsid sh -c 'sleep 0.05; exit 3' >/dev/null 2>&1 </dev/null &) ; exit {number}");
            return (await call.ReadToExitAsync()).Exit.Code == number;
        });
        Assert.That(await Task.WhenAll(calls), Is.All.True);
        await UntilEndedAsync("sleep 0.05");
    }
}
