using System.Diagnostics;
using System.Globalization;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>A gateway that is stopped: the kernel takes connections for it, and it answers none.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class FrozenGatewayTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task EveryCommand_ExitsWithFiveAndSaysWhatDidNotAnswer()
    {
        await using var gateway = await GatewayProcess.StartAsync(_directory, "--compute-driver-socket", _directory.File("none.sock"));
        string[][] commands =
        [
            ["status"], ["sandbox", "list"], ["sandbox", "get", "box"], ["sandbox", "create"], ["sandbox", "delete", "box"],
            ["sandbox", "stop", "box"], ["sandbox", "start", "box"], ["sandbox", "exec", "box", "--", "true"], ["sandbox", "shell", "box"],
            ["sandbox", "attach", "box"], ["sandbox", "upload", "box", _directory.Path], ["sandbox", "download", "box", "x", _directory.Path],
            ["sandbox", "connect", "box"], ["sandbox", "ssh-config", "box"], ["sandbox", "ssh-access", "list"], ["ssh-key", "list"],
            ["ssh-proxy", "box"], ["ssh-proxy", "--id", "a", "box"], ["forward", "start", "box", "8080"], ["logs", "box"], ["logs", "box", "--tail"],
        ];
        Signal(gateway.Pid, "STOP");
        try
        {
            var outcomes = await Task.WhenAll(commands.Select(c => CliProcess.RunAsync(gateway, _directory, [], c)));

            Assert.Multiple(() =>
            {
                foreach (var (command, outcome) in commands.Zip(outcomes))
                {
                    var said = outcome.Text + outcome.Error;
                    var name = string.Join(' ', command);
                    Assert.That(outcome.ExitCode, Is.EqualTo(5), $"{name}: {said}");
                    Assert.That(said, Does.Contain($"the gateway at {gateway.LocalEndpoint}").And.Contain("did not answer"), name);
                    Assert.That(said, Does.Not.Contain("Exception"), name);
                }
            });
        }
        finally
        {
            Signal(gateway.Pid, "CONT");
        }
    }

    private static void Signal(int pid, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
