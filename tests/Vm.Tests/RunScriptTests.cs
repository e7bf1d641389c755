using System.Diagnostics;
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

    [TestCase("openshell-gateway")]
    [TestCase("openshell-driver-vm")]
    public async Task Stop_AfterAKill_LeavesNothing(string program)
    {
        Assert.That((await RunAsync()).ExitCode, Is.Zero);
        // The gateway of run.sh has no path of ours in its arguments, but its driver has.
        var pid = program == "openshell-gateway"
            ? int.Parse(await File.ReadAllTextAsync(_directory.File("state/openshell/gateway/gateway.pid")), provider: null)
            : HostProcesses.Find($"{program} --socket {_directory.Path}").Single();
        await HostProcesses.SignalAsync(pid, "KILL");
        Assert.That((await RunAsync("--stop")).ExitCode, Is.Zero);
        await HostProcesses.AssertNoneAsync(_directory.Path);
        Assert.That(HostProcesses.Find($"openshell-gateway --port {_port}"), Is.Empty);
    }

    private static bool IsQemu(int pid) => HostProcesses.All().Any(p => p.Pid == pid && p.CommandLine.Contains("qemu-system", StringComparison.Ordinal));

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(Path.Combine(TestPaths.Root, "run.sh"), arguments)
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
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await Eventually.EndsAsync(process.WaitForExitAsync(), "run.sh ends", TimeSpan.FromMinutes(15));
        return (process.ExitCode, await output, await error);
    }
}
