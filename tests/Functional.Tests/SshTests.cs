using System.Security.Cryptography;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>OpenSSH's client through the gateway to a real supervisor's SSH server.</summary>
public sealed class SshTests : FunctionalTest
{
    private Sandbox _sandbox = null!;
    private SshForward _forward = null!;

    [SetUp]
    public async Task OpenDoorAsync()
    {
        _sandbox = await Gateway.CreateReadyAsync();
        _forward = await SshForward.OpenAsync(Gateway, _sandbox, Directory.File("forward"));
    }

    [TearDown]
    public async Task CloseDoorAsync() => await _forward.DisposeAsync();

    [Test]
    public async Task Ssh_Command_InputOutputsAndCode()
    {
        var outcome = await SshClient.RunProgramAsync("ssh", _forward.Path, "in\n"u8.ToArray(), SshClient.Host, "cat; echo err >&2; exit 4");

        Assert.That((outcome.ExitCode, outcome.Text, outcome.Error), Is.EqualTo((4, "in\n", "err\n")));
    }

    [Test]
    public async Task Ssh_MuchBothWays_ArrivesWhole()
    {
        var data = RandomNumberGenerator.GetBytes(32 << 20);

        var outcome = await SshClient.RunProgramAsync("ssh", _forward.Path, data, SshClient.Host, "cat");

        Assert.That(outcome.Output.AsSpan().SequenceEqual(data), Is.True, outcome.Error);
    }

    [Test]
    public void CreateSshSession_TellsTheFingerprint() => Assert.That(_forward.Fingerprint, Does.Match("^SHA256:[A-Za-z0-9+/]{43}$"));

    [Test]
    public async Task Stop_LiveConnection_IsCutAndItsCommandEnded()
    {
        using var client = SshClient.Start("ssh", _forward.Path, SshClient.Host, "echo up; sleep 300");
        Assert.That(await Eventually.EndsAsync(client.StandardOutput.ReadLineAsync(), "the command runs"), Is.EqualTo("up"));

        await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = _sandbox.Metadata.Name });

        await Eventually.EndsAsync(client.WaitForExitAsync(), "the client ends");
        Assert.That(client.ExitCode, Is.EqualTo(255));
    }
}
