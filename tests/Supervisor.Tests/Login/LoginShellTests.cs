using System.Text;
using OpenShell.Supervisor.Login;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests.Login;

/// <summary>Real shells; the programs of the image are those that a directory of the test's has.</summary>
public sealed class LoginShellTests
{
    private readonly ManualTimeProvider _time = new();
    private DirectoryInfo _directory = null!;

    [SetUp]
    public void Make()
    {
        _directory = Directory.CreateTempSubdirectory("shell");
        Link("cat", "/bin/cat");
    }

    [TearDown]
    public void Remove() => _directory.Delete(recursive: true);

    [TestCase("bash", "/bin/bash")]
    [TestCase("ash", "/bin/busybox")]
    [TestCase("sh", "/bin/dash")]
    public async Task Read_ShellOfTheImage_ReadsTheProfile(string name, string program)
    {
        Link(name, program);
        Profile("export A=1");
        Assert.That(await ReadAsync(), Does.Contain("\0A=1\0"));
    }

    [TestCase("cat")]
    [TestCase("sh")]
    public async Task Read_NoShellOrNoCat_SaysSo(string missing)
    {
        Link("sh", "/bin/sh");
        File.Delete(Path.Combine(_directory.FullName, missing));
        Assert.That(await ReadAsync(), Is.EqualTo("the image has none of bash, ash and sh, or no cat"));
    }

    [Test]
    public async Task Read_ProfileHangs_IsKilledAtTheLimit()
    {
        Link("bash", "/bin/bash");
        var file = Path.Combine(_directory.FullName, "pid");
        Profile($"echo $$ >{file}.part; /bin/mv {file}.part {file}; /bin/sleep 1000");
        var reading = ReadAsync();
        await TestEngine.UntilAsync(() => File.Exists(file), "The profile file was not read.");
        Assert.That(reading.IsCompleted, Is.False);
        _time.Advance(LoginShell.TimeLimit);
        Assert.That(await Eventually.EndsAsync(reading, "the reading"), Is.EqualTo("profile files took longer than 10 s"));
        var pid = (await File.ReadAllTextAsync(file)).Trim();
        await TestEngine.UntilAsync(() => !Directory.Exists($"/proc/{pid}"), "The shell is still there.");
    }

    [Test]
    public async Task Read_SandboxStops_ShellIsKilled()
    {
        Link("bash", "/bin/bash");
        var file = Path.Combine(_directory.FullName, "began");
        Profile($"echo >{file}; /bin/sleep 1000");
        using var stopping = new CancellationTokenSource();
        var reading = ReadAsync(stopping.Token);
        await TestEngine.UntilAsync(() => File.Exists(file), "The profile file was not read.");
        await stopping.CancelAsync();
        Assert.That(() => Eventually.EndsAsync(reading, "the reading"), Throws.InstanceOf<OperationCanceledException>());
    }

    private void Link(string name, string program) => File.CreateSymbolicLink(Path.Combine(_directory.FullName, name), program);

    private void Profile(string script) => File.WriteAllText(Path.Combine(_directory.FullName, ".profile"), script + "\n");

    private async Task<string> ReadAsync(CancellationToken stopping = default)
    {
        var environment = new Dictionary<string, string> { ["HOME"] = _directory.FullName, ["PATH"] = _directory.FullName };
        var user = TestEngine.Planner.FindUser("root")!;
        var outcome = await new LoginShell(TestEngine.CreateLauncher(environment), _time).ReadAsync(user, stopping);
        return outcome.Succeeded(out var bytes, out var failure) ? Encoding.UTF8.GetString(bytes) : failure;
    }
}
