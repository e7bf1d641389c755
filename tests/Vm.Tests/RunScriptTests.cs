using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>run.sh as a user runs it, with directories of its own.</summary>
public sealed class RunScriptTests
{
    private readonly int _port = LoopbackPort.FindFree();
    private TestDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TestDirectory();

    [TearDown]
    public async Task StopAsync()
    {
        await RunAsync("--stop");
        _directory.Dispose();
    }

    [Test]
    public async Task Run_Twice_GreetsFromTheSameMachineAndStopLeavesNothing()
    {
        var first = await RunAsync();
        Assert.That(first.ExitCode, Is.Zero, first.Error);
        // That line and nothing else, also when something was built first.
        Assert.That(first.Output, Does.Match(@"\AHello from demo[^\n]*\n\z"));
        var qemu = HostProcesses.Find($"{_directory.Path}/state/openshell/vm-driver").Where(IsQemu).ToList();
        Assert.That((await RunAsync()).Output, Does.StartWith("Hello from demo"));
        Assert.That(HostProcesses.Find($"{_directory.Path}/state/openshell/vm-driver").Where(IsQemu), Is.EqualTo(qemu));
        Assert.That((await RunAsync("--stop")).ExitCode, Is.Zero);
        await HostProcesses.AssertNoneAsync(_directory.Path);
    }

    [Test]
    public async Task Run_TwoAtOnce_BothGreetFromOneMachine()
    {
        var both = await Task.WhenAll(RunAsync(), RunAsync());
        Assert.That(both.Select(run => run.ExitCode), Is.All.Zero, both[0].Error + both[1].Error);
        Assert.That(both.Select(run => run.Output), Is.All.StartsWith("Hello from demo"));
        Assert.That(HostProcesses.Find($"{_directory.Path}/state/openshell/vm-driver").Where(IsQemu), Has.One.Items);
        Assert.That((await RunAsync("--stop")).ExitCode, Is.Zero);
        await HostProcesses.AssertNoneAsync(_directory.Path);
    }

    [Test]
    public async Task Run_SandboxInError_StartsItWithItsDisk()
    {
        Assert.That((await RunAsync()).ExitCode, Is.Zero);
        var kept = await CliAsync("sandbox", "exec", "demo", "--", "sh", "-c", "echo mine >/root/kept; sync");
        Assert.That(kept.ExitCode, Is.Zero, kept.Error);
        await HostProcesses.SignalAsync(HostProcesses.Find($"{_directory.Path}/state/openshell/vm-driver").Single(IsQemu), "KILL");
        await Eventually.BecomesTrueAsync(
            async () => (await CliAsync("sandbox", "get", "demo", "-o", "json")).Output.Contains("error", StringComparison.OrdinalIgnoreCase),
            () => "the sandbox is in ERROR");
        var again = await RunAsync();
        Assert.That(again.ExitCode, Is.Zero, again.Error);
        Assert.That((await CliAsync("sandbox", "exec", "demo", "--", "cat", "/root/kept")).Output, Is.EqualTo("mine\n"));
    }

    [Test]
    public async Task Run_GatewayCannotStart_ShowsThatStartsLogOnly()
    {
        using var taken = new TcpListener(IPAddress.Loopback, _port);
        taken.Start();
        System.IO.Directory.CreateDirectory(_directory.File("state/openshell/gateway"));
        await File.WriteAllTextAsync(_directory.File("state/openshell/gateway/gateway.log"), "a line of last week\n");
        var run = await RunAsync();
        Assert.That(run.ExitCode, Is.EqualTo(1), run.Error);
        Assert.That(run.Error, Does.Contain($"{_port} is in use").And.Not.Contain("last week"));
        await HostProcesses.AssertNoneAsync(_directory.Path);
    }

    [Test]
    public async Task Run_InterruptedWhileTheGatewayStarts_Ends130AndLeavesNoGateway()
    {
        using var run = Start("setsid", [Script]);
        await ReadUntilAsync(run.StandardError, "Starting the gateway");
        // As a terminal does: the whole foreground group, which the script leads.
        await HostProcesses.SignalAsync(-run.Id, "INT");
        _ = run.StandardError.ReadToEndAsync();
        await Eventually.EndsAsync(run.WaitForExitAsync(), "run.sh ends");
        Assert.That(run.ExitCode, Is.EqualTo(130));
        await HostProcesses.AssertNoneAsync(_directory.Path);
        Assert.That(HostProcesses.Find($"openshell-gateway --port {_port}"), Is.Empty);
        Assert.That((await RunAsync()).Output, Does.StartWith("Hello from demo"));
    }

    [TestCase("openshell-gateway")]
    [TestCase("openshell-driver-vm")]
    public async Task Stop_AfterAKill_LeavesNothing(string program)
    {
        Assert.That((await RunAsync()).ExitCode, Is.Zero);
        // The gateway of run.sh has no path of ours in its arguments, but its driver has.
        var pid = program == "openshell-gateway"
            ? HostProcesses.Find($"openshell-gateway --port {_port}").Single()
            : HostProcesses.Find($"{program} --socket {_directory.Path}").Single();
        await HostProcesses.SignalAsync(pid, "KILL");
        Assert.That((await RunAsync("--stop")).ExitCode, Is.Zero);
        await HostProcesses.AssertNoneAsync(_directory.Path);
        Assert.That(HostProcesses.Find($"openshell-gateway --port {_port}"), Is.Empty);
    }

    private static string Script => Path.Combine(TestPaths.Root, "run.sh");

    private static bool IsQemu(int pid) => HostProcesses.All().Any(p => p.Pid == pid && p.CommandLine.Contains("qemu-system", StringComparison.Ordinal));

    private static async Task ReadUntilAsync(StreamReader reader, string text)
    {
        string? line;
        do
        {
            line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(5));
        }
        while (line is not null && !line.Contains(text, StringComparison.Ordinal));
        Assert.That(line, Is.Not.Null, $"run.sh never said: {text}");
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => EndAsync(Start(Script, arguments));

    private Task<(int ExitCode, string Output, string Error)> CliAsync(params string[] arguments) => EndAsync(Start(TestPaths.Program("openshell"), arguments));

    private Process Start(string program, string[] arguments)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    ["XDG_STATE_HOME"] = _directory.File("state"),
                    ["XDG_CONFIG_HOME"] = _directory.File("config"),
                    ["OPENSHELL_SERVER_PORT"] = $"{_port}",
                },
            }.WithoutDiagnosticPipes(),
        };
        process.Start();
        process.StandardInput.Close();
        return process;
    }

    private static async Task<(int ExitCode, string Output, string Error)> EndAsync(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await Eventually.EndsAsync(process.WaitForExitAsync(), $"{process.StartInfo.FileName} ends", TimeSpan.FromMinutes(15));
            return (process.ExitCode, await output, await error);
        }
    }
}
