using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>
/// With too few descriptors, threads or too little memory each program says in one line what is too small and what is
/// needed, and exits with 1: a runtime that does not get them aborts, so this is known before it starts.
/// </summary>
public sealed class LimitTests
{
    private TestDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TestDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task Start_TooSmallALimit_OneLineThatNamesItAndWhatIsNeeded(
        [Values("openshell-gateway", "openshell-driver-vm", "openshell", "openshell-supervisor")] string program,
        [Values(
            "ulimit -n 10|10 open files are allowed (ulimit -n), at least ",
            "ulimit -v 65536|the address space is limited to 64 MiB (ulimit -v), at least ",
            "export DOTNET_GCHeapHardLimit=100000|the heap is limited to 1 MiB (DOTNET_GCHeapHardLimit), at least ")] string limit)
    {
        var run = await ProgramRun.RunLimitedAsync(limit.Split('|')[0], program, Arguments(program));

        run.AssertOneLine(1, $"{program}: {limit.Split('|')[1]}", " needed; raise the limit");
    }

    [TestCase("openshell-gateway", 64)]
    [TestCase("openshell-gateway", 100)]
    [TestCase("openshell-gateway", 150)]
    [TestCase("openshell-gateway", 230)]
    [TestCase("openshell-gateway", 319)]
    [TestCase("openshell-driver-vm", 64)]
    [TestCase("openshell-driver-vm", 230)]
    public async Task Start_FewDescriptors_OneLine(string program, int descriptors)
    {
        var run = await ProgramRun.RunLimitedAsync($"ulimit -n {descriptors}", program, Arguments(program));

        run.AssertOneLine(1, $"{program}: {descriptors} open files are allowed (ulimit -n), at least 320 are needed");
    }

    // What is said to be enough has to be: the gateway gets as far as what is wrong with its arguments, the others to a peer
    // that is not there.
    [TestCase("openshell-gateway", "ulimit -n 320", 1)]
    [TestCase("openshell-gateway", "ulimit -v 4194304", 1)]
    [TestCase("openshell-gateway", "export DOTNET_GCHeapHardLimit=4000000", 1)]
    [TestCase("openshell-driver-vm", "ulimit -n 320", 4)]
    [TestCase("openshell-driver-vm", "ulimit -v 4194304", 4)]
    [TestCase("openshell", "ulimit -n 48", 5)]
    [TestCase("openshell", "ulimit -n 64", 5)]
    [TestCase("openshell", "ulimit -v 1048576", 5)]
    [TestCase("openshell", "ulimit -v 1200000", 5)]
    [TestCase("openshell", "ulimit -v 2000000", 5)]
    [TestCase("openshell-supervisor", "ulimit -n 32", 5)]
    [TestCase("openshell-supervisor", "ulimit -v 131072", 5)]
    [TestCase("openshell-supervisor", "ulimit -v 262144", 5)]
    public async Task Start_JustEnough_Works(string program, string limit, int exitCode)
    {
        Directory.CreateDirectory(_directory.File("run/d.sock"));
        Directory.CreateDirectory(_directory.File("gateway/admin.token"));

        var run = await ProgramRun.RunLimitedAsync(limit, program, Arguments(program));

        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.Error);
        Assert.That(run.Error, Does.Not.Contain("   at ").And.Not.Contain("limit"));
    }

    [Test]
    public async Task Start_SoftLimitBelowTheHardOne_IsRaised()
    {
        Directory.CreateDirectory(_directory.File("gateway/admin.token"));

        var run = await ProgramRun.RunLimitedAsync("ulimit -Sn 64", "openshell-gateway", Arguments("openshell-gateway"));

        run.AssertOneLine(1, _directory.File("gateway/admin.token"));
    }

    // Root is not bound by it: as somebody else, with as many processes allowed as that user has not.
    [TestCase("openshell-gateway")]
    [TestCase("openshell-driver-vm")]
    [TestCase("openshell")]
    [TestCase("openshell-supervisor")]
    public async Task Start_FewThreads_OneLine(string program)
    {
        var run = await ProgramRun.RunLimitedAsync(
            "set -- setpriv --reuid=54321 --regid=54321 --clear-groups prlimit --nproc=4 \"$@\"; cd /", program, Arguments(program));

        run.AssertOneLine(1, $"{program}: ", " more threads can be made (ulimit -u, pids.max), at least ");
    }

    private string[] Arguments(string program) => program switch
    {
        "openshell-gateway" => ["--port", "0", "--state-dir", _directory.File("gateway"), "--compute-driver-socket", _directory.File("none.sock")],
        "openshell-driver-vm" =>
            ["--socket", _directory.File("run/d.sock"), "--state-dir", _directory.File("vm"), "--supervisor-endpoint", $"unix:{_directory.File("none.sock")}", "--accel", "tcg"],
        "openshell" => ["--gateway-endpoint", "http://127.0.0.1:9", "sandbox", "list"],
        _ => ["uplink", $"unix:{_directory.File("none.sock")}"],
    };
}
