using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

[TestFixture]
internal sealed class ExecTests : GatewayTestBase
{
    [SetUp]
    public void AddSandbox() => Gateway.Add("alpha");

    [Test]
    public async Task Exec_Output_IsSplitAndTheExitCodePassedOn()
    {
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Stdout("out"));
            await events.WriteAsync(ExecEvents.Stderr("err"));
            await events.WriteAsync(ExecEvents.Exit(42));
        };

        var result = await Cli.RunAsync("sandbox", "exec", "alpha", "--", "ls", "-la");

        Assert.That(result, Is.EqualTo(new CliResult(42, "out", "err")));
    }

    [Test]
    public async Task Exec_Request_IsByteForByteWhatWasGiven()
    {
        await Cli.RunAsync(
            "sandbox", "exec", "alpha", "--workdir", "/tmp", "--env", "A=b c", "--user", "1000", "--timeout", "5",
            "--", "printf", "%s", "@file", "--", "-x", "", "a b'\"$");

        Assert.That(Gateway.Request<ExecSandboxRequest>(), Is.EqualTo(new ExecSandboxRequest
        {
            Sandbox = "alpha",
            WorkspaceScope = FakeGateway.DefaultScope,
            Command = { "printf", "%s", "@file", "--", "-x", "", "a b'\"$" },
            Workdir = "/tmp",
            Environment = { ["A"] = "b c" },
            User = "1000",
            ExecutionTimeout = new Duration { Seconds = 5 },
        }));
    }

    [Test]
    public async Task Exec_NameOption_MakesEveryWordTheCommand()
    {
        await Cli.RunAsync("sandbox", "exec", "-n", "alpha", "--", "echo", "one");
        Assert.That(Gateway.Request<ExecSandboxRequest>().Command, Is.EqualTo(["echo", "one"]));

        await Cli.RunAsync("sandbox", "exec", "alpha", "echo", "two");
        Assert.That(Gateway.Request<ExecSandboxRequest>().Command, Is.EqualTo(["echo", "two"]));
    }

    [Test]
    public async Task Exec_Input_IsStreamedAsItComesAndHalfClosed()
    {
        Cli.KeepInputOpen = true;
        var received = new StringBuilder();
        Gateway.Exec = async (_, requests, events, context) =>
        {
            while (await requests.MoveNext(context.CancellationToken))
            {
                received.Append(requests.Current.Stdin.ToStringUtf8());
                await events.WriteAsync(ExecEvents.Stdout("got " + requests.Current.Stdin.ToStringUtf8()));
            }

            await events.WriteAsync(ExecEvents.Stdout("end"));
            await events.WriteAsync(ExecEvents.Exit(0));
        };
        var run = Cli.RunAsync("sandbox", "exec", "alpha", "--", "cat");

        // Each piece comes back before the next is sent: nothing waits for the end of the input.
        await Cli.Input.WriteAsync("one"u8.ToArray());
        await Cli.Out.WaitForAsync("got one", CliHarness.Limit);
        await Cli.Input.WriteAsync("two"u8.ToArray());
        await Cli.Out.WaitForAsync("got two", CliHarness.Limit);
        await Cli.Input.DisposeAsync();

        Assert.That((await run).Out, Does.EndWith("end"));
        Assert.That(received.ToString(), Is.EqualTo("onetwo"));
    }

    [Test]
    public async Task Exec_InputThatNeverEnds_DoesNotHoldTheExitUp()
    {
        Cli.KeepInputOpen = true;
        Gateway.Exec = (_, _, events, _) => events.WriteAsync(ExecEvents.Exit(3));

        Assert.That((await Cli.RunAsync("sandbox", "exec", "alpha", "--", "true")).ExitCode, Is.EqualTo(3));
    }

    [Test]
    public async Task Exec_InputThatNobodyReads_DoesNotHoldTheExitUp()
    {
        // A chunk is more than the gateway's window. Once two are out of our hands, the second fills the pipe, so the
        // sender has the first, and its write waits for ever.
        Cli.KeepInputOpen = true;
        using var stop = new CancellationTokenSource();
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var feed = Task.Run(() => Feed(Cli.Input, full, stop.Token));
        Gateway.Exec = async (_, _, events, _) =>
        {
            await full.Task.WaitAsync(CliHarness.Limit);
            await events.WriteAsync(ExecEvents.Exit(4));
        };

        var result = await Cli.RunAsync("sandbox", "exec", "alpha", "--", "true");

        Assert.That(result.ExitCode, Is.EqualTo(4), result.Error);
        await stop.CancelAsync();
        Cli.CloseInputReader();
        await feed.WaitAsync(CliHarness.Limit);
    }

    [Test]
    public async Task Exec_LargeInputAndOutput_ArriveWhole()
    {
        Cli.KeepInputOpen = true;
        var data = new byte[5_000_000];
        new Random(1).NextBytes(data);
        Gateway.Exec = async (_, requests, events, context) =>
        {
            while (await requests.MoveNext(context.CancellationToken))
            {
                await events.WriteAsync(ExecEvents.Stdout(requests.Current.Stdin));
            }

            await events.WriteAsync(ExecEvents.Exit(0));
        };
        var run = Cli.RunAsync("sandbox", "exec", "alpha", "--", "cat");
        await Cli.Input.WriteAsync(data);
        await Cli.Input.DisposeAsync();
        await run;

        Assert.That(Cli.Out.Bytes.AsSpan().SequenceEqual(data), Is.True, $"{Cli.Out.Bytes.Length} bytes came back");
    }

    [TestCase("sandbox", "exec")]
    [TestCase("sandbox", "exec", "alpha")]
    [TestCase("sandbox", "exec", "alpha", "--")]
    [TestCase("sandbox", "exec", "-n", "alpha")]
    public async Task Exec_NoCommand_IsAUsageError(params string[] args)
    {
        var result = await Cli.RunAsync(args);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("openshell sandbox exec").And.Contain(" CMD…"));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    [Test]
    public async Task Exec_Detach_PrintsTheProcessIdAndLeavesTheInput()
    {
        Cli.KeepInputOpen = true;
        await Cli.Input.WriteAsync("for somebody else"u8.ToArray());
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Started(4711));
            await events.WriteAsync(ExecEvents.Exit(0));
        };

        var result = await Cli.RunAsync("sandbox", "exec", "--detach", "alpha", "--", "sleep", "1000");

        Assert.That(result, Is.EqualTo(new CliResult(0, "4711\n", "")));
        Assert.That(Gateway.Request<ExecSandboxRequest>(), Is.EqualTo(
            new ExecSandboxRequest { Sandbox = "alpha", WorkspaceScope = FakeGateway.DefaultScope, Command = { "sleep", "1000" }, Detached = true }));
        Assert.That(Cli.ReadLeftInput(17), Is.EqualTo("for somebody else"));
    }

    [TestCase("--no-stdin")]
    public async Task Exec_NoStdin_EndsTheInputAndLeavesOurs(string option)
    {
        Cli.KeepInputOpen = true;
        await Cli.Input.WriteAsync("for the loop around it"u8.ToArray());
        var pieces = 0;
        Gateway.Exec = async (_, requests, events, context) =>
        {
            while (await requests.MoveNext(context.CancellationToken))
            {
                pieces++;
            }

            await events.WriteAsync(ExecEvents.Exit(0));
        };

        var result = await Cli.RunAsync("sandbox", "exec", option, "alpha", "--", "cat");

        Assert.That(result, Is.EqualTo(new CliResult(0, "", "")));
        Assert.That(pieces, Is.Zero);
        Assert.That(Cli.ReadLeftInput(22), Is.EqualTo("for the loop around it"));
    }

    [Test]
    public async Task Exec_TimeIsUp_SaysSo()
    {
        Gateway.Exec = (_, _, events, _) =>
            events.WriteAsync(new ExecSandboxEvent { Exit = new ExecSandboxExit { ExitCode = 124, TimedOut = true } });

        var result = await Cli.RunAsync("sandbox", "exec", "--timeout", "7", "alpha", "--", "sleep", "1000");

        Assert.That(result, Is.EqualTo(new CliResult(124, "", "The command was ended because its time was up (7 s, --timeout)\n")));
    }

    [Test]
    public async Task Exec_OnATerminal_SendsLanguageAndColorsUnlessTheyAreGiven()
    {
        (Cli.Environment["LANG"], Cli.Environment["LC_TIME"], Cli.Environment["COLORTERM"]) = ("de_DE.UTF-8", "C", "truecolor");
        (Cli.Environment["LC_BAD"], Cli.Environment["LANGUAGE"]) = ("two\nlines", "de");

        await Cli.RunAsync("sandbox", "exec", "-t", "--env", "LC_TIME=mine", "alpha", "--", "true");
        Assert.That(
            Gateway.Request<ExecSandboxRequest>().Environment,
            Is.EquivalentTo(new Dictionary<string, string> { ["LANG"] = "de_DE.UTF-8", ["LC_TIME"] = "mine", ["COLORTERM"] = "truecolor" }));

        await Cli.RunAsync("sandbox", "exec", "alpha", "--", "true");
        Assert.That(Gateway.Request<ExecSandboxRequest>().Environment, Is.Empty, "without a terminal nothing of ours goes along");
    }

    [TestCase("-d")]
    [TestCase("--no-stdin")]
    public async Task Exec_TtyForNobody_IsAUsageError(string option)
    {
        var result = await Cli.RunAsync("sandbox", "exec", option, "-t", "alpha", "--", "true");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    [Test]
    public async Task Shell_Request_AsksForTheLoginShell()
    {
        await Cli.RunAsync("sandbox", "shell", "alpha", "--tty");

        var request = Gateway.Request<ExecSandboxRequest>();
        Assert.That(request.LoginShell, Is.True);
        Assert.That(request.Tty, Is.True);
        Assert.That(request.Command, Is.Empty);
    }

    [Test]
    public async Task Exec_Bytes_AreNotTakenForText()
    {
        byte[] data = [0xff, 0x00, 0xc3, 0x28, 0x0a, 0xe2];
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Stdout(ByteString.CopyFrom(data)));
            await events.WriteAsync(ExecEvents.Exit(0));
        };

        await Cli.RunAsync("sandbox", "exec", "alpha", "--", "cat");

        Assert.That(Cli.Out.Bytes, Is.EqualTo(data));
    }

    private static void Feed(Stream input, TaskCompletionSource full, CancellationToken stop)
    {
        var chunk = new byte[64 * 1024];
        var sent = 0;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                input.Write(chunk);
                if (++sent == 2)
                {
                    full.TrySetResult();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
        }
    }
}
