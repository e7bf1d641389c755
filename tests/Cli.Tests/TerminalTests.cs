using System.Diagnostics;
using System.Text.RegularExpressions;
using Google.Protobuf;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Cli.Tests;

/// <summary>The real program on a real terminal.</summary>
[TestFixture]
internal sealed partial class TerminalTests : GatewayTestBase
{
    private const string Exec = "$CLI sandbox exec alpha -- sh";

    [SetUp]
    public void AddSandbox()
    {
        if (!File.Exists("/usr/bin/script"))
        {
            Assert.Ignore("script(1) of util-linux is not installed");
        }

        Gateway.Add("alpha");
    }

    [Test]
    public async Task Exec_OnATerminal_AsksForOneOfItsSizeAndPutsItBack()
    {
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Stdout("one\ntwo\r\n"));
            await events.WriteAsync(ExecEvents.Exit(9));
        };
        await using var run = PtyRun.Start($"stty cols 91 rows 37; {Exec}; echo code=$?; stty -a", Cli.Environment);

        var output = await run.EndAsync();

        var request = Gateway.Request<ExecSandboxRequest>();
        Assert.That(request.TerminalModes, Is.Not.Empty, "ssh-proxy's tests compare what they are");
        request.TerminalModes = ByteString.Empty;
        request.Environment.Clear();
        Assert.That(request, Is.EqualTo(
            new ExecSandboxRequest { Sandbox = "alpha", WorkspaceScope = FakeGateway.DefaultScope, Command = { "sh" }, Tty = true, Cols = 91, Rows = 37, Term = "vt100" }));
        Assert.That(run.Output.Text, Does.Contain("one\ntwo\r\n"), "the terminal was not raw");
        AssertRestored(output, 9);
    }

    [Test]
    public async Task Exec_KeysOnATerminal_AreSentAsTyped()
    {
        Gateway.Exec = async (_, requests, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await requests.MoveNext(context.CancellationToken);
            var keys = Convert.ToHexString(requests.Current.Stdin.Span);
            await events.WriteAsync(ExecEvents.Stdout($"keys={keys};"));
            await events.WriteAsync(ExecEvents.Exit(0));
        };
        await using var run = PtyRun.Start($"{Exec}; echo code=$?; stty -a", Cli.Environment);
        await run.Output.WaitForAsync("ready", CliHarness.Limit);

        await run.TypeAsync("\x03\x1a\x04q");

        var output = await run.EndAsync();
        Assert.That(output, Does.Contain("keys=031A0471;"));
        AssertRestored(output, 0);
    }

    [Test]
    public async Task Exec_TerminalIsResized_TellsTheGateway()
    {
        var resized = new TaskCompletionSource<ExecSandboxWindowResize>(TaskCreationOptions.RunContinuationsAsynchronously);
        Gateway.Exec = async (_, requests, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await requests.MoveNext(context.CancellationToken);
            resized.SetResult(requests.Current.Resize);
            await events.WriteAsync(ExecEvents.Exit(0));
        };
        await using var run = PtyRun.Start($"echo tty=$(tty); {Exec}", Cli.Environment);
        await run.Output.WaitForAsync("ready", CliHarness.Limit);

        await HostAsync("stty", "-F", TtyName().Match(run.Output.Text).Groups[1].Value, "cols", "120", "rows", "50");

        Assert.That(await resized.Task.WaitAsync(CliHarness.Limit), Is.EqualTo(new ExecSandboxWindowResize { Cols = 120, Rows = 50 }));
        await run.EndAsync();
    }

    [Test]
    public async Task Exec_StoppedAndContinued_TakesTheTerminalAgain()
    {
        Gateway.Exec = async (_, requests, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            while (await requests.MoveNext(context.CancellationToken) && requests.Current.Stdin.IsEmpty)
            {
            }

            await events.WriteAsync(ExecEvents.Exit(0));
        };
        await using var run = PtyRun.Start($"sh -c 'echo tty=$(tty) pid=$$; exec {Exec}'; echo code=$?; stty -a", Cli.Environment);
        await run.Output.WaitForAsync("ready", CliHarness.Limit);
        var tty = TtyName().Match(run.Output.Text).Groups[1].Value;
        var pid = ProcessId().Match(run.Output.Text).Groups[1].Value;

        await HostAsync("kill", "-STOP", pid);
        await HostAsync("stty", "-F", tty, "sane");
        await HostAsync("kill", "-CONT", pid);

        await Eventually.BecomesTrueAsync(
            async () => (await HostAsync("stty", "-F", tty, "-a")).Contains("-icanon", StringComparison.Ordinal), () => "the terminal is raw again");
        await run.TypeAsync("\x03");
        AssertRestored(await run.EndAsync(), 0);
    }

    [TestCase("HUP", 129)]
    [TestCase("TERM", 143)]
    public async Task Exec_KilledOnATerminal_PutsItBack(string signal, int code)
    {
        Gateway.Exec = async (_, _, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        };
        await using var run = PtyRun.Start($"sh -c 'echo pid=$$; exec {Exec}'; echo code=$?; stty -a", Cli.Environment);
        await run.Output.WaitForAsync("ready", CliHarness.Limit);

        await HostAsync("kill", "-" + signal, ProcessId().Match(run.Output.Text).Groups[1].Value);

        AssertRestored(await run.EndAsync(), code);
    }

    [Test]
    public async Task Exec_GatewayDiesWhileOnATerminal_PutsItBackAndExitsWith255()
    {
        Gateway.Exec = async (_, _, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        };
        await using var run = PtyRun.Start($"{Exec}; echo code=$?; stty -a", Cli.Environment);
        await run.Output.WaitForAsync("ready", CliHarness.Limit);

        await Gateway.DisposeAsync();

        AssertRestored(await run.EndAsync(), 255);
    }

    [Test]
    public async Task Exec_OutputThatNobodyReads_EndsQuietlyAndSoon()
    {
        Gateway.Exec = async (_, _, events, context) =>
        {
            while (!context.CancellationToken.IsCancellationRequested)
            {
                await events.WriteAsync(ExecEvents.Stdout(new string('x', 1024)));
            }
        };
        await using var run = PtyRun.Start($"({Exec}; echo code=$? >&2) | head -c 3; echo; echo done", Cli.Environment);

        var output = await run.EndAsync();

        Assert.That(output, Is.EqualTo("xxxcode=141\n\ndone\n").Or.EqualTo("xxx\ndone\ncode=141\n").Or.EqualTo("xxx\ncode=141\ndone\n"));
    }

    [Test]
    public async Task Exec_InputFromAPipeOnATerminal_AsksForNoTerminal()
    {
        await using var run = PtyRun.Start($"echo hello | {Exec}", Cli.Environment);

        await run.EndAsync();

        Assert.That(Gateway.Request<ExecSandboxRequest>().Tty, Is.False);
    }

    [Test]
    public async Task Attach_DetachKeys_LeaveTheProcessAndPutTheTerminalBack()
    {
        Gateway.Sandboxes.Single().Spec.Command.Add("sh");
        var received = "";
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Gateway.Exec = async (start, requests, events, context) =>
        {
            using var registration = context.CancellationToken.Register(gone.SetResult);
            await events.WriteAsync(ExecEvents.Attached(terminal: true));
            await events.WriteAsync(ExecEvents.Stdout($"size={start.Cols}x{start.Rows} ready"));
            while (await requests.MoveNext(context.CancellationToken))
            {
                received += requests.Current.Stdin.ToStringUtf8();
                await events.WriteAsync(ExecEvents.Stdout("more;"));
            }
        };
        await using var run = PtyRun.Start("stty cols 91 rows 37; $CLI sandbox attach alpha; echo code=$?; stty -a", Cli.Environment);
        await run.Output.WaitForAsync("size=91x37 ready", CliHarness.Limit);
        await run.TypeAsync("a\x10");
        await run.Output.WaitForAsync("more;", CliHarness.Limit);

        await run.TypeAsync("\x11");

        var output = await run.EndAsync();
        Assert.That(output, Does.Contain("Detached from sandbox 'alpha', which goes on; attach again with: openshell sandbox attach alpha\n"));
        Assert.That(received, Is.EqualTo("a"));
        AssertRestored(output, 0);
        await gone.Task.WaitAsync(CliHarness.Limit);
    }

    [Test]
    public async Task Attach_ReadOnlyOnATerminal_ControlCLeaves()
    {
        Gateway.Sandboxes.Single().Spec.Command.Add("sh");
        Gateway.Exec = async (_, _, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Attached(inputOwner: false, terminal: true));
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        };
        await using var run = PtyRun.Start("$CLI sandbox attach --read-only alpha; echo code=$?; stty -a", Cli.Environment);
        await run.Output.WaitForAsync("ready", CliHarness.Limit);

        await run.TypeAsync("abc\x03");

        AssertRestored(await run.EndAsync(), 0);
    }

    [Test]
    public async Task Create_DetachedWithRemove_IsKept()
    {
        Gateway.Watch = async (_, events, _) =>
        {
            await events.WriteAsync(WatchEvents.Snapshot("beta", SandboxPhase.Provisioning));
            await events.WriteAsync(WatchEvents.Snapshot("beta", SandboxPhase.Ready));
        };
        Gateway.Exec = async (_, _, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Attached(terminal: true));
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        };
        await using var run = PtyRun.Start("$CLI sandbox create --name beta --rm -- sh; echo code=$?; stty -a", Cli.Environment);
        await run.Output.WaitForAsync("ready", CliHarness.Limit);

        await run.TypeAsync("\x10\x11");

        var output = await run.EndAsync();
        Assert.That(output, Does.Contain("Sandbox beta was kept because its main process goes on"));
        Assert.That(Gateway.Request<CreateSandboxRequest>().Spec.Tty, Is.True);
        Assert.That(Gateway.Sandboxes.Select(sandbox => sandbox.Metadata.Name), Does.Contain("beta"));
        AssertRestored(output, 0);
    }

    [TestCase("", true, 7)]
    [TestCase("--detach", false, 0)]
    [TestCase("--no-tty", false, 0)]
    [TestCase("-o json", false, 0)]
    public async Task Create_NoCommand_AttachesToTheLoginShellUnlessToldNotTo(string option, bool attaches, int code)
    {
        Gateway.Watch = (_, events, _) => events.WriteAsync(WatchEvents.Snapshot("beta", SandboxPhase.Ready));
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Attached(terminal: true));
            await events.WriteAsync(ExecEvents.Exit(7));
        };
        await using var run = PtyRun.Start($"$CLI sandbox create --name beta {option}; echo code=$?; stty -a", Cli.Environment);

        AssertRestored(await run.EndAsync(), code);
        Assert.That(Gateway.Request<CreateSandboxRequest>().AwaitMainProcessAttachment, Is.EqualTo(attaches));
        Assert.That(Gateway.Requests.OfType<ExecSandboxRequest>().Count(), Is.EqualTo(attaches ? 1 : 0));
    }

    private static async Task<string> HostAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }

    private static void AssertRestored(string output, int exitCode)
    {
        Assert.That(output, Does.Contain($"code={exitCode}\n"));
        var settings = output[output.IndexOf("code=", StringComparison.Ordinal)..];
        Assert.That(settings, Does.Match(@"\sicanon\b").And.Match(@"\sisig\b").And.Match(@"\secho\b").And.Match(@"\sopost\b"));
    }

    [GeneratedRegex(@"tty=(\S+)")]
    private static partial Regex TtyName();

    [GeneratedRegex(@"pid=(\d+)")]
    private static partial Regex ProcessId();
}
