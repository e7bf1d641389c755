using System.Collections.Concurrent;
using System.Text;
using OpenShell.Protocol.Outcomes;
using OpenShell.Supervisor.Login;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.Users;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests.Login;

/// <summary>Who runs a login shell, who waits for one, and who needs none; the shell is the test's.</summary>
public sealed class LoginEnvironmentsTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentQueue<TaskCompletionSource<Outcome<byte[], string>>> _shells = new();
    private DirectoryInfo _home = null!;
    private LoginEnvironments _logins = null!;

    [SetUp]
    public void Make()
    {
        _shells.Clear();
        _home = Directory.CreateTempSubdirectory("logins");
        Directory.CreateDirectory(Path.Combine(_home.FullName, "profile.d"));
        var planner = TestEngine.CreatePlanner(new Dictionary<string, string> { ["HOME"] = _home.FullName });
        _logins = new LoginEnvironments(RunShellAsync, planner, _home.FullName, new SupervisorLog(), _time);
    }

    [TearDown]
    public async Task Remove()
    {
        await _logins.StopAsync();
        _logins.Dispose();
        _home.Delete(recursive: true);
    }

    [Test]
    public async Task Apply_ManyAtOnce_OneShellForAll()
    {
        var waiting = Enumerable.Range(0, 20).Select(_ => ApplyAsync()).ToArray();
        await AnswerAsync("A=1\0");
        Assert.That((await Task.WhenAll(waiting)).Select(ValueOfA), Is.All.EqualTo("1"));
        Assert.That(ValueOfA(await ApplyAsync()), Is.EqualTo("1"));
        Assert.That(_shells, Is.Empty, "another shell was started");
    }

    [TestCase("profile")]
    [TestCase("environment")]
    [TestCase("bash.bashrc")]
    [TestCase("profile.d/new.sh")]
    [TestCase(".bash_profile")]
    [TestCase(".bash_login")]
    [TestCase(".profile")]
    [TestCase(".bashrc")]
    public async Task Apply_FileAppearsChangesAndGoes_IsReadAgainEachTime(string name)
    {
        var file = Path.Combine(_home.FullName, name);
        await ReadAsync("A=1\0", "1");
        await File.WriteAllTextAsync(file, "x");
        await ReadAsync("A=2\0", "2");
        await File.WriteAllTextAsync(file, "xx");
        await ReadAsync("A=3\0", "3");
        // Of the same size and the same modification time; the kernel has a time of change as well.
        var modified = File.GetLastWriteTimeUtc(file);
        await File.WriteAllTextAsync(file + ".new", "yy");
        File.SetLastWriteTimeUtc(file + ".new", modified);
        File.Move(file + ".new", file, overwrite: true);
        await ReadAsync("A=4\0", "4");
        File.Delete(file);
        await ReadAsync("A=5\0", "5");
        Assert.That(ValueOfA(await ApplyAsync()), Is.EqualTo("5"));
    }

    // The shell may have read the file before it was changed.
    [Test]
    public async Task Apply_FileChangesWhileItIsRead_LaterCommandWaitsForAnotherShell()
    {
        var first = ApplyAsync();
        var shell = await NextShellAsync();
        await File.WriteAllTextAsync(Path.Combine(_home.FullName, ".profile"), "x");
        var second = ApplyAsync();
        shell.SetResult(Encoding.UTF8.GetBytes("A=old\0"));
        Assert.That(ValueOfA(await Eventually.EndsAsync(first, "the first command")), Is.EqualTo("old"));
        await AnswerAsync("A=new\0");
        Assert.That(ValueOfA(await Eventually.EndsAsync(second, "the second command")), Is.EqualTo("new"));
    }

    [Test]
    public async Task Apply_ShellFails_PlainUntilAMinuteLater()
    {
        var waiting = ApplyAsync();
        (await NextShellAsync()).SetResult("it does not work");
        var plain = await waiting;
        Assert.That((plain.BaseEnvironment, plain.Identity?.Name), Is.EqualTo(((IReadOnlyDictionary<string, string>?)null, "root")));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.That((await ApplyAsync()).BaseEnvironment, Is.Null);
        Assert.That(_shells, Is.Empty, "another shell was started");
        _time.Advance(TimeSpan.FromSeconds(2));
        await ReadAsync("A=1\0", "1");
    }

    [Test]
    public async Task Apply_CallerGoes_OthersGetTheirEnvironment()
    {
        using var gone = new CancellationTokenSource();
        var leaving = _logins.ApplyAsync(TestEngine.Spec("true"), gone.Token).AsTask();
        var staying = ApplyAsync();
        await gone.CancelAsync();
        Assert.That(() => leaving, Throws.InstanceOf<OperationCanceledException>());
        await AnswerAsync("A=1\0");
        Assert.That(ValueOfA(await staying), Is.EqualTo("1"));
    }

    [Test]
    public async Task Apply_OddVariables_AreTakenAsTheyAreOrLeftOut()
    {
        var waiting = ApplyAsync();
        byte[] odd = [.. "A=1=2\0EMPTY=\0=x\0novalue\0BASH_FUNC_f%%=() {  echo;\n}\0BAD="u8, 0xFF, .. "\0_=x\0SHLVL=1\0PWD=/\0OLDPWD=/\0LAST=\u00fc"u8];
        (await NextShellAsync()).SetResult(odd);
        Assert.That((await waiting).BaseEnvironment, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["A"] = "1=2",
            ["EMPTY"] = "",
            ["BASH_FUNC_f%%"] = "() {  echo;\n}",
            ["LAST"] = "ü",
        }));
    }

    [Test]
    public async Task Apply_OneUserTooMany_WhatWasReadIsForgotten()
    {
        for (var user = 0; user <= LoginEnvironments.MostUsers; user++)
        {
            var waiting = ApplyAsync($"{70_000 + user}");
            await AnswerAsync("A=1\0");
            await waiting;
        }

        var again = ApplyAsync("70000");
        await AnswerAsync("A=2\0");
        Assert.That(ValueOfA(await again), Is.EqualTo("2"));
    }

    [Test]
    public async Task Stop_ShellRuns_IsEndedAndItsCommandsToo()
    {
        var waiting = ApplyAsync();
        await NextShellAsync();
        await Eventually.EndsAsync(_logins.StopAsync(), "the stop");
        Assert.That(() => waiting, Throws.InstanceOf<OperationCanceledException>());
    }

    private static string? ValueOfA(ProcessSpec spec) => spec.BaseEnvironment?.GetValueOrDefault("A");

    private Task<ProcessSpec> ApplyAsync(string user = "") =>
        _logins.ApplyAsync(TestEngine.Spec("true") with { User = user }, CancellationToken.None).AsTask();

    private async Task ReadAsync(string answer, string expected)
    {
        var waiting = ApplyAsync();
        await AnswerAsync(answer);
        Assert.That(ValueOfA(await Eventually.EndsAsync(waiting, "the command")), Is.EqualTo(expected));
    }

    private async Task AnswerAsync(string environment) => (await NextShellAsync()).SetResult(Encoding.UTF8.GetBytes(environment));

    private async Task<TaskCompletionSource<Outcome<byte[], string>>> NextShellAsync()
    {
        TaskCompletionSource<Outcome<byte[], string>>? shell = null;
        await TestEngine.UntilAsync(() => _shells.TryDequeue(out shell), "No shell was started.");
        return shell!;
    }

    private async Task<Outcome<byte[], string>> RunShellAsync(UserIdentity user, CancellationToken stopping)
    {
        var shell = new TaskCompletionSource<Outcome<byte[], string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _shells.Enqueue(shell);
        return await shell.Task.WaitAsync(stopping);
    }
}
