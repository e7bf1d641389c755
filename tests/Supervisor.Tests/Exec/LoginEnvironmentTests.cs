using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Sandbox.V1;

namespace OpenShell.Supervisor.Tests.Exec;

/// <summary>Commands with the environment of a login shell, through a real supervisor; HOME is a directory of each test's.</summary>
public sealed class LoginEnvironmentTests
{
    private SupervisorProcess _supervisor = null!;
    private DirectoryInfo _home = null!;

    [SetUp]
    public async Task Start()
    {
        _home = Directory.CreateTempSubdirectory("login");
        _supervisor = await SupervisorProcess.StartWithSessionAsync(config =>
        {
            config.Environment["HOME"] = _home.FullName;
            config.Environment["FROM_SANDBOX"] = "yes";
        });
    }

    [TearDown]
    public async Task Stop()
    {
        await _supervisor.DisposeAsync();
        _home.Delete(recursive: true);
    }

    [Test]
    public async Task Exec_LoginEnvironment_IsWhatProfileFilesMake()
    {
        Profile("export A='from profile' FROM_SANDBOX=\"$FROM_SANDBOX and no\"; B=not-exported");
        Assert.That(await PrintAsync("A", "FROM_SANDBOX", "B", "HOME", "OPENSHELL_SANDBOX"),
            Is.EqualTo($"from profile|yes and no||{_home.FullName}|1"));
    }

    [Test]
    public async Task Exec_WithoutLoginEnvironment_ReadsNoProfile()
    {
        Profile("export A=1");
        Assert.That(await PrintAsync(start => start.LoginEnvironment = false, "A", "FROM_SANDBOX"), Is.EqualTo("|yes"));
    }

    [Test]
    public async Task Exec_VariableOfTheRequest_WinsOverTheLoginEnvironment()
    {
        Profile("export A=profile PATH=/nowhere TERM=odd");
        var printed = await PrintAsync(
            start =>
            {
                start.Environment.Add(new Dictionary<string, string> { ["A"] = "request", ["PATH"] = "/usr/bin:/bin" });
                start.Terminal = new ExecTerminal { Term = "vt100" };
            },
            "A",
            "PATH",
            "TERM");
        Assert.That(printed, Is.EqualTo("request|/usr/bin:/bin|vt100"));
    }

    [Test]
    public async Task Exec_WhatAShellSaysOfItself_IsNotTakenOver()
    {
        Profile("cd / && cd /tmp; export OLDPWD PWD SHLVL=7");
        await using var call = await _supervisor.Gateway.ExecAsync(Login("env", "-0"));
        var names = (await call.ReadToExitAsync()).Output.Split('\0').Select(variable => variable.Split('=')[0]);
        Assert.That(names, Has.None.AnyOf("_", "SHLVL", "PWD", "OLDPWD"));
    }

    // No shell is in between: nothing splits, expands or quotes.
    [Test]
    public async Task Exec_Arguments_ArriveAsTheyAre()
    {
        Profile("export A=1");
        string[] arguments = ["a b", "$A", "'\"\\", "", "*", "two\nlines", "ü"];
        await using var call = await _supervisor.Gateway.ExecAsync(Login(["printf", "%s|", .. arguments]));
        Assert.That((await call.ReadToExitAsync()).Output, Is.EqualTo(string.Join('|', arguments) + "|"));
    }

    [Test]
    public async Task Exec_ProfileFileChanges_IsReadAgainAndOnlyThen()
    {
        var count = Path.Combine(_home.FullName, "count");
        Profile($"echo x >>{count}; export A=1");
        Assert.That(await PrintAsync("A"), Is.EqualTo("1"));
        Assert.That(await PrintAsync("A"), Is.EqualTo("1"));
        Assert.That(await File.ReadAllLinesAsync(count), Has.Length.EqualTo(1));
        Profile($"echo x >>{count}; export A=2");
        Assert.That(await PrintAsync("A"), Is.EqualTo("2"));
        // A file that bash prefers, and that was not there.
        await File.WriteAllTextAsync(Path.Combine(_home.FullName, ".bash_profile"), $"echo x >>{count}; export A=3");
        Assert.That(await PrintAsync("A"), Is.EqualTo("3"));
        Assert.That(await File.ReadAllLinesAsync(count), Has.Length.EqualTo(3));
    }

    [TestCase("echo noise; echo noise >&2", TestName = "Profile_Prints_DoesNotMatter")]
    [TestCase("read x; cat", TestName = "Profile_ReadsItsInput_FindsItsEnd")]
    [TestCase("false; (exit 3); no-such-command", TestName = "Profile_CommandsFail_DoesNotMatter")]
    [TestCase("yes | head -c 3000000; yes | head -c 3000000 >&2", TestName = "Profile_PrintsMuch_DoesNotMatter")]
    [TestCase("sleep 1000 & sleep 1000 </dev/tty &", TestName = "Profile_LeavesProcessesBehind_DoesNotMatter")]
    [TestCase("export PATH=", TestName = "Profile_EmptiesThePath_DoesNotMatter")]
    [TestCase("export EVEN=$(printf 'two\\nlines')", TestName = "Profile_LineBreakInAVariable_DoesNotMatter")]
    public async Task Profile_Oddity(string script)
    {
        Profile($"export A=before; {script}\nexport B=after");
        Assert.That(await PrintAsync("A", "B"), Is.EqualTo("before|after"));
    }

    [TestCase("exit 0", TestName = "Profile_ExitsEarly_PlainEnvironmentAndAWarning")]
    [TestCase("exec true", TestName = "Profile_BecomesSomethingElse_PlainEnvironmentAndAWarning")]
    [TestCase("exec 0</dev/null", TestName = "Profile_ReplacesItsInput_PlainEnvironmentAndAWarning")]
    [TestCase("kill -9 $$", TestName = "Profile_KillsItsShell_PlainEnvironmentAndAWarning")]
    public async Task Profile_EndsTheShell(string script)
    {
        Profile($"export A=1; {script}");
        Assert.That(await PrintAsync("A", "FROM_SANDBOX"), Is.EqualTo("|yes"));
        await TestEngine.UntilAsync(
            () => _supervisor.Console.Contains("login environment of root: profile files ended the shell", StringComparison.Ordinal),
            "Nobody was warned.");
    }

    [Test]
    public async Task Profile_TooLarge_PlainEnvironmentAndAWarning()
    {
        Profile("v=$(head -c 100000 /dev/zero | tr '\\0' x); for i in 1 2 3 4 5 6 7 8 9 10 11; do export V$i=$v; done");
        Assert.That(await PrintAsync("V1", "FROM_SANDBOX"), Is.EqualTo("|yes"));
        await TestEngine.UntilAsync(() => _supervisor.Console.Contains("more than 1 MiB", StringComparison.Ordinal), "Nobody was warned.");
    }

    // The time that the command has includes the wait for its environment.
    [Test]
    public async Task Exec_TimeIsOverBeforeTheEnvironmentIsThere_TimedOut()
    {
        Profile("sleep 1000");
        var start = Login("true");
        start.TimeoutMs = 100;
        await using var call = await _supervisor.Gateway.ExecAsync(start);
        Assert.That((await call.ReadToExitAsync()).Exit, Is.EqualTo(new ExecExit { TimedOut = true, StdinTaken = 0 }));
    }

    [Test]
    public async Task Exec_UserThatIsNot_IsRefusedAsEver()
    {
        await using var call = await _supervisor.Gateway.ExecAsync(Login("true").As("nobody-at-all"));
        Assert.That((await call.ReadToExitAsync()).Exit.Failure, Is.EqualTo(ExecFailure.User));
    }

    [Test]
    public async Task Exec_OtherUser_HasAnEnvironmentOfItsOwn()
    {
        Profile("export WHO=$(id -un)");
        _home.UnixFileMode |= UnixFileMode.OtherExecute | UnixFileMode.OtherRead;
        Assert.That(await PrintAsync("WHO"), Is.EqualTo("root"));
        Assert.That(await PrintAsync(start => start.User = "daemon", "WHO", "USER"), Is.EqualTo("daemon|daemon"));
    }

    [Test]
    public async Task Exec_Detached_HasTheLoginEnvironmentToo()
    {
        Profile("export A=1");
        var file = Path.Combine(_home.FullName, "out");
        var start = Login("sh", "-c", $"echo $A >{file}.part && mv {file}.part {file}");
        start.Detached = true;
        await using var call = await _supervisor.Gateway.ExecAsync(start);
        await call.ReadToExitAsync();
        await TestEngine.UntilAsync(() => File.Exists(file), "The detached process has written nothing.");
        Assert.That(await File.ReadAllTextAsync(file), Is.EqualTo("1\n"));
    }

    [Test]
    public async Task Profile_Policy_BindsItAsAnyProcess()
    {
        await _supervisor.DisposeAsync();
        _supervisor = await SupervisorProcess.StartWithSessionAsync(config =>
        {
            config.Environment["HOME"] = _home.FullName;
            config.Policy = new SandboxPolicy { Version = 1 };
        });
        Profile("export A=$(grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status | tr -dc 0-9)");
        Assert.That(await PrintAsync("A"), Is.EqualTo("12"));
    }

    private void Profile(string script) => File.WriteAllText(Path.Combine(_home.FullName, ".profile"), script + "\n");

    private static ExecStart Login(params string[] argv) => new() { Argv = { argv }, LoginEnvironment = true };

    private Task<string> PrintAsync(params string[] names) => PrintAsync(_ => { }, names);

    private async Task<string> PrintAsync(Action<ExecStart> change, params string[] names)
    {
        var start = Login("/bin/sh", "-c", $"printf %s \"{string.Join('|', names.Select(name => $"${name}"))}\"");
        change(start);
        await using var call = await _supervisor.Gateway.ExecAsync(start);
        var outcome = await call.ReadToExitAsync();
        Assert.That(outcome.Exit.Code, Is.Zero, outcome.Error + outcome.Exit.Message);
        return outcome.Output;
    }
}
