using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Commands with and without the environment of a login shell, through gateway and supervisor.</summary>
public sealed class LoginEnvironmentTests : FunctionalTest
{
    private Sandbox _sandbox = null!;

    [SetUp]
    public async Task CreateAsync()
    {
        var home = Directory.File("home");
        System.IO.Directory.CreateDirectory(home);
        await File.WriteAllTextAsync(Path.Combine(home, ".profile"), "export A=profile B=\"$B and profile\"; echo noise\n");
        _sandbox = await Gateway.CreateReadyAsync(new SandboxSpec { Environment = { ["HOME"] = home, ["B"] = "sandbox" } });
    }

    [Test]
    public async Task Exec_ByDefault_HasTheEnvironmentOfALoginShell() =>
        Assert.That(await PrintAsync(_ => { }), Is.EqualTo("profile|sandbox and profile"));

    [Test]
    public async Task Exec_NoLoginShell_ReadsNoProfile() =>
        Assert.That(await PrintAsync(request => request.NoLoginShell = true), Is.EqualTo("|sandbox"));

    [Test]
    public async Task Exec_VariableOfTheRequest_Wins() =>
        Assert.That(await PrintAsync(request => request.Environment["A"] = "request"), Is.EqualTo("request|sandbox and profile"));

    private async Task<string> PrintAsync(Action<ExecSandboxRequest> change)
    {
        var request = new ExecSandboxRequest
        {
            WorkspaceScope = Scope.Default,
            Sandbox = _sandbox.Metadata.Name,
            Command = { "/bin/sh", "-c", "printf %s \"$A|$B\"" },
        };
        change(request);
        var outcome = await Gateway.ExecAsync(request);
        Assert.That(outcome.Exit!.ExitCode, Is.Zero, outcome.ErrorText);
        return outcome.Text;
    }
}
