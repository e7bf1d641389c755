using System.Globalization;
using OpenShell.Linux.Security;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Supervisor.Tests.Fakes;

namespace OpenShell.Supervisor.Tests.Policy;

/// <summary>Processes of a real supervisor under policies. What Landlock does depends on the kernel, and so does what is expected.</summary>
public sealed class PolicyTests
{
    // Outside of /tmp, where every program may write.
    private const string Parent = "/var/tmp";

    private static readonly bool HasLandlock = Landlock.Version() > 0;

    private DirectoryInfo _directory = null!;

    [SetUp]
    public void MakeDirectory()
    {
        _directory = Directory.CreateDirectory(Path.Combine(Parent, $"policy-{Guid.NewGuid():N}"));
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "writable"));
        File.WriteAllText(Path.Combine(_directory.FullName, "secret"), "s");
    }

    [TearDown]
    public void RemoveDirectory() => _directory.Delete(recursive: true);

    [Test]
    public async Task NoPolicy_Process_IsAsItsUser()
    {
        await using var supervisor = await SupervisorProcess.StartWithSessionAsync();
        Assert.That(await StatusAsync(supervisor), Is.EqualTo("NoNewPrivs:0 Seccomp:0"));
    }

    [Test]
    public async Task Policy_Process_HasNoNewPrivilegesAndAFilter()
    {
        await using var supervisor = await StartAsync(new SandboxPolicy { Version = 1 });
        Assert.That(await StatusAsync(supervisor), Is.EqualTo("NoNewPrivs:1 Seccomp:2"));
    }

    [TestCase("mount -t tmpfs none /mnt")]
    [TestCase("umount /proc")]
    [TestCase("unshare -U true")]
    [TestCase("unshare -m true")]
    [TestCase("nsenter -t 1 -p true")]
    public async Task Policy_CallOnTheList_IsNotPermitted(string command)
    {
        await using var supervisor = await StartAsync(new SandboxPolicy { Version = 1 });
        var outcome = await RunAsync(supervisor, $"LC_ALL=C {command}");
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Exit.Code, Is.Not.Zero);
            Assert.That(outcome.Error, Does.Contain("not permitted").Or.Contain("superuser").Or.Contain("permission denied"));
        });
    }

    [Test]
    public async Task Policy_OrdinaryPrograms_Work()
    {
        await using var supervisor = await StartAsync(new SandboxPolicy { Version = 1 });
        var outcome = await RunAsync(supervisor, "echo a b | tr ' ' '\\n' | sort -r | head -n 1; sleep 0.01 & wait; (exit 3)");
        Assert.That((outcome.Output, outcome.Error, outcome.Exit.Code), Is.EqualTo(("b\n", "", 3)));
    }

    [TestCase("nobody", "", "65534 65534")]
    [TestCase("nobody", "audio", "65534 29")]
    [TestCase("1234", "4321", "1234 4321")]
    [TestCase("", "29", "0 29")]
    [TestCase("", "", "0 0")]
    public async Task Policy_RunAs_IsTheUserWhereNoneIsNamed(string user, string group, string expected)
    {
        await using var supervisor = await StartAsync(new SandboxPolicy { Process = new ProcessPolicy { RunAsUser = user, RunAsGroup = group } });
        var byDefault = await RunAsync(supervisor, "echo $(id -u) $(id -g)");
        await using var named = await supervisor.Gateway.ExecAsync(new ExecStart { Argv = { "id", "-u" }, User = "daemon" });
        Assert.That((byDefault.Output.Trim(), (await named.ReadToExitAsync()).Output), Is.EqualTo((expected, "1\n")));
    }

    [Test]
    public async Task Policy_RunAsUserThatIsNot_StartsNothing()
    {
        await using var supervisor = await StartAsync(new SandboxPolicy { Process = new ProcessPolicy { RunAsUser = "nobody-at-all" } });
        var exit = (await RunAsync(supervisor, "true")).Exit;
        Assert.That((exit.Failure, exit.Message), Is.EqualTo((ExecFailure.User, "no such user: nobody-at-all")));
    }

    [TestCase("")]
    [TestCase("best_effort")]
    public async Task Filesystem_BestEffort_AllowsThePathsAndNothingElseWhereTheKernelCan(string compatibility)
    {
        await using var supervisor = await StartAsync(Paths(compatibility));
        var outcome = await RunAsync(supervisor, Probe);
        // read secret, write there, write work, write /usr
        var expected = HasLandlock ? "1 1 0 1" : "0 0 0 0";
        Assert.That(Summary(outcome.Output), Is.EqualTo(expected), outcome.Error);
        if (!HasLandlock)
        {
            await TestEngine.UntilAsync(() => supervisor.Console.Contains("no Landlock", StringComparison.Ordinal), "Nobody was warned.");
        }
    }

    [Test]
    public async Task Filesystem_HardRequirement_IsEnforcedOrNothingStarts()
    {
        await using var supervisor = await StartAsync(Paths("hard_requirement"));
        var outcome = await RunAsync(supervisor, Probe);
        if (HasLandlock)
        {
            Assert.That(Summary(outcome.Output), Is.EqualTo("1 1 0 1"), outcome.Error);
        }
        else
        {
            Assert.That(outcome.Exit.Failure, Is.EqualTo(ExecFailure.Policy));
            Assert.That(outcome.Exit.Message, Does.Contain("Landlock"));
        }
    }

    [Test]
    public async Task Filesystem_OnePathAlone_ProgramsHaveWhatTheyAllNeed()
    {
        await using var supervisor = await StartAsync(Paths(HasLandlock ? "hard_requirement" : ""));
        var outcome = await RunAsync(supervisor, """
            ls /usr /etc /proc >/dev/null && head -c 1 /dev/urandom >/dev/null && touch /tmp/openshell-baseline && rm /tmp/openshell-baseline && echo works
            touch /etc/openshell-baseline 2>/dev/null && rm /etc/openshell-baseline || echo read-only
            """);
        Assert.That(outcome.Output, Is.EqualTo(HasLandlock ? "works\nread-only\n" : "works\n"), outcome.Error);
    }

    [Test]
    public async Task Filesystem_BaselinePathThatThePolicyLists_StaysAsItSays()
    {
        var policy = Paths("best_effort");
        policy.Filesystem.ReadOnly.Add("/tmp/");
        await using var supervisor = await StartAsync(policy);
        var outcome = await RunAsync(supervisor, "ls /tmp >/dev/null && echo read; touch /tmp/openshell-listed 2>/dev/null && rm /tmp/openshell-listed && echo write");
        Assert.That(outcome.Output, Is.EqualTo(HasLandlock ? "read\n" : "read\nwrite\n"), outcome.Error);
    }

    [Test]
    public async Task Filesystem_IncludeWorkdir_TheWorkingDirectoryIsWritable()
    {
        var policy = Paths("");
        policy.Filesystem.ReadWrite.Clear();
        policy.Filesystem.IncludeWorkdir = true;
        await using var supervisor = await StartAsync(policy);
        var start = new ExecStart { Argv = { "sh", "-c", "touch here && pwd; touch ../there 2>/dev/null && echo outside" }, Workdir = Path.Combine(_directory.FullName, "writable") };
        await using var call = await supervisor.Gateway.ExecAsync(start);
        var outcome = await call.ReadToExitAsync();
        Assert.That(outcome.Output, Is.EqualTo($"{start.Workdir}\n{(HasLandlock ? "" : "outside\n")}"), outcome.Error);
    }

    [Test]
    public async Task Filesystem_PathIsMissing_IsLeftOutWithAWarning()
    {
        var policy = Paths("best_effort");
        policy.Filesystem.ReadWrite.Add("/no/such/place");
        await using var supervisor = await StartAsync(policy);
        Assert.That((await RunAsync(supervisor, "true")).Exit, Is.EqualTo(new ExecExit()));
        var expected = HasLandlock ? "/no/such/place" : "no Landlock";
        await TestEngine.UntilAsync(() => supervisor.Console.Contains(expected, StringComparison.Ordinal), "Nobody was warned.");
    }

    [Test]
    public async Task Filesystem_PathIsMissingAndHardRequirement_StartsNothing()
    {
        var policy = Paths("hard_requirement");
        policy.Filesystem.ReadWrite.Add("/no/such/place");
        await using var supervisor = await StartAsync(policy);
        var exit = (await RunAsync(supervisor, "true")).Exit;
        Assert.That(exit.Failure, Is.EqualTo(ExecFailure.Policy));
        Assert.That(exit.Message, Does.Contain(HasLandlock ? "/no/such/place" : "Landlock"));
    }

    [Test]
    public async Task Filesystem_MainProcess_IsConfinedToo()
    {
        await using var supervisor = await SupervisorProcess.StartAsync(config =>
        {
            config.Policy = Paths("best_effort");
            config.Command.AddRange(["sh", "-c", $"cat {_directory.FullName}/secret >/dev/null 2>&1; exit $?"]);
        });
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        Assert.That((await supervisor.Gateway.Reports.Reader.ReadAsync(timeout.Token)).ExitCode, Is.EqualTo(HasLandlock ? 1 : 0));
    }

    private string Probe => string.Create(CultureInfo.InvariantCulture, $"""
        d={_directory.FullName}
        cat $d/secret >/dev/null 2>&1; echo $?
        touch $d/new 2>/dev/null; echo $?
        touch $d/writable/new 2>/dev/null; echo $?
        touch /usr/policy-test 2>/dev/null; echo $?
        rm -f /usr/policy-test 2>/dev/null
        """);

    private static string Summary(string output) =>
        string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(code => code == "0" ? "0" : "1"));

    private SandboxPolicy Paths(string compatibility) => new()
    {
        Version = 1,
        Landlock = new LandlockPolicy { Compatibility = compatibility },
        Filesystem = new FilesystemPolicy
        {
            ReadWrite = { Path.Combine(_directory.FullName, "writable") },
        },
    };

    private static Task<SupervisorProcess> StartAsync(SandboxPolicy policy) =>
        SupervisorProcess.StartWithSessionAsync(config => config.Policy = policy);

    private static async Task<string> StatusAsync(SupervisorProcess supervisor)
    {
        var outcome = await RunAsync(supervisor, "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t' | tr '\\n' ' '");
        return outcome.Output.Trim();
    }

    private static async Task<ExecOutcome> RunAsync(SupervisorProcess supervisor, string script)
    {
        await using var call = await supervisor.Gateway.ExecAsync("sh", "-c", script);
        return await call.ReadToExitAsync();
    }
}
