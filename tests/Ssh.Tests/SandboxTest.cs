using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests;

/// <summary>A real supervisor's SSH server, for each test its own.</summary>
public abstract class SandboxTest
{
    private protected SandboxServer Server { get; private set; } = null!;

    [SetUp]
    public async Task StartAsync() => Server = await SandboxServer.StartAsync();

    [TearDown]
    public async Task StopAsync() => await Server.DisposeAsync();

    private protected Task<SshOutcome> RunAsync(params string[] arguments) => SshClient.RunProgramAsync("ssh", Server.Socket, [], arguments);

    private protected Task<SshOutcome> RunWithInputAsync(byte[] input, params string[] arguments) =>
        SshClient.RunProgramAsync("ssh", Server.Socket, input, arguments);
}
