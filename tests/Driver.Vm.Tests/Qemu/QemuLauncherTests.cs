using System.Text.RegularExpressions;
using OpenShell.Driver.Vm.Processes;
using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.Linux.Processes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Qemu;

/// <summary>With shell scripts in QEMU's place, and the real launcher.</summary>
[TestFixture]
internal sealed class QemuLauncherTests
{
    private TestDirectory _directory = null!;

    [SetUp]
    public void SetUp() => _directory = new TestDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task Start_QemuRefuses_ReturnsItsWords()
    {
        await using var qemu = await PrepareAsync("echo \"no such machine\" >&2; exit 1");
        await qemu.ContinueAsync();

        Assert.That(await qemu.DescribeEndAsync(CancellationToken.None), Is.EqualTo("no such machine"));
    }

    [Test]
    public async Task Start_QemuFailsSilently_SaysSo()
    {
        await using var qemu = await PrepareAsync("exit 3");
        await qemu.ContinueAsync();

        Assert.That(await qemu.DescribeEndAsync(CancellationToken.None), Does.Contain("exit code 3"));
    }

    [Test]
    public async Task Start_MuchOnStandardError_IsCutAndDoesNotStopIt()
    {
        await using var qemu = await PrepareAsync("yes words | head -c 1000000 >&2; exit 3");
        await qemu.ContinueAsync();

        Assert.That((await qemu.DescribeEndAsync(CancellationToken.None)).Length, Is.LessThanOrEqualTo(2000));
    }

    [Test]
    public async Task Start_Detached_GoesOnWithTheSameNumber()
    {
        ProcessIdentity process;
        await using (var qemu = await PrepareAsync($"echo $$ >'{_directory.File("ran")}'; exec sleep 600"))
        {
            process = qemu.Identity!;
            await qemu.ContinueAsync();
            await Eventually.BecomesTrueAsync(() => File.Exists(_directory.File("ran")), "the script runs");
            qemu.Detach();
        }

        Assert.That((await File.ReadAllTextAsync(_directory.File("ran"))).Trim(), Is.EqualTo($"{process.ProcessId}"));
        Assert.That(process.Kill(), Is.True);
        Assert.That(await process.WaitForEndAsync(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None), Is.True);
    }

    [Test]
    public async Task Start_NeverToldToGo_RunsNothing()
    {
        ProcessIdentity process;
        await using (var qemu = await PrepareAsync($"touch '{_directory.File("ran")}'"))
        {
            process = qemu.Identity!;
        }

        Assert.That(process.IsAlive(), Is.False);
        Assert.That(File.Exists(_directory.File("ran")), Is.False);
    }

    [Test]
    public async Task Start_StarterDiesBeforeItSaysGo_RunsNothing()
    {
        // What a driver that is killed leaves: the end of the launcher's input.
        var program = await WriteAsync($"touch '{_directory.File("ran")}'");
        var output = await RunAsync("sh", "-c", $"'{TestPaths.Program("openshell-supervisor")}' launch --network host -- '{program}' </dev/null; echo $?");

        Assert.That(output, Is.EqualTo("ready\n0\n"));
        Assert.That(File.Exists(_directory.File("ran")), Is.False);
    }

    [Test]
    public async Task Start_Always_PassesOnNothingButPathAndHasItsLimits()
    {
        Environment.SetEnvironmentVariable("OPENSHELL_TEST_SECRET", "s3cret");
        try
        {
            await using var qemu = await PrepareAsync(
                $"cat /proc/self/environ >'{_directory.File("environ")}'; (ulimit -n; ulimit -c; ls /proc/$$/fd; cut -d' ' -f5-6 /proc/$$/stat; echo $$) >'{_directory.File("limits")}'");
            await qemu.ContinueAsync();
            await qemu.Exited;
        }
        finally
        {
            Environment.SetEnvironmentVariable("OPENSHELL_TEST_SECRET", null);
        }

        Assert.That(await File.ReadAllTextAsync(_directory.File("environ")), Does.Not.Contain("s3cret").And.Contain("PATH="));
        var lines = await File.ReadAllLinesAsync(_directory.File("limits"));
        Assert.That(lines[..2], Is.EqualTo(new[] { "1024", "0" }));
        Assert.That(lines[^2], Is.EqualTo($"{lines[^1]} {lines[^1]}"), "it leads a session of its own");
        Assert.That(lines[2..^2], Is.SubsetOf(new[] { "0", "1", "2", "10", "255" }), "standard streams, and what the shell opens");
    }

    [Test]
    public async Task Launch_OrdinaryUser_HasANamespaceOfItsOwnAndStaysWhoItIs()
    {
        // Where that user may reach it.
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0b111_101_101);
        var launcher = _directory.File("supervisor");
        File.Copy(TestPaths.Program("openshell-supervisor"), launcher);
        var script = await WriteAsync("id -u >&2; sed -n '3,$p' /proc/net/dev | cut -d: -f1 >&2; cat /sys/class/net/lo/flags >&2");
        File.SetUnixFileMode(script, (UnixFileMode)0b111_101_101);

        var output = await RunAsync(
            "sh", "-c", $"echo go | setpriv --reuid 65534 --regid 65534 --clear-groups '{launcher}' launch --network own -- '{script}' 2>&1; echo $?");

        Assume.That(output, Does.Not.EndWith("\n4\n"), "this host forbids user namespaces");
        Assert.That(Regex.Replace(output, " +", ""), Does.Match(@"\Aready\n65534\nlo\n0x\w+\n0\n\z"));
    }

    [Test]
    public async Task Launch_NoNamespaceMayBeMade_SaysSoAndRunsNothing()
    {
        var script = await WriteAsync($"touch '{_directory.File("ran")}'");

        var output = await RunAsync("unshare", "-Ur", "sh", "-c", $"""
            echo 0 >/proc/sys/user/max_net_namespaces
            echo go | '{TestPaths.Program("openshell-supervisor")}' launch --network own -- '{script}' 2>&1; echo $?
            """);

        Assert.That(output, Does.StartWith("openshell-supervisor launch: no network namespace can be made: ").And.EndsWith("\n4\n"));
        Assert.That(File.Exists(_directory.File("ran")), Is.False);
    }

    private async Task<StartingProcess> PrepareAsync(string script)
    {
        var program = await WriteAsync(script);
        var options = TestOptions.New(_directory.Path) with { SupervisorPath = TestPaths.Program("openshell-supervisor") };
        return await new QemuLauncher(options).PrepareAsync(program, TestMachines.New(_directory.File("pid")), CancellationToken.None);
    }

    private async Task<string> WriteAsync(string script)
    {
        var program = _directory.File("qemu");
        await File.WriteAllTextAsync(program, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return program;
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }
}
