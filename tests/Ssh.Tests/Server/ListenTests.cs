using System.Diagnostics;
using OpenShell.Ssh.Abstractions;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests.Server;

/// <summary>Ports that take a while to be listened on.</summary>
public sealed class ListenTests : ServerTest
{
    private TaskCompletionSource<ISshForwardListener?> _listener = null!;

    [SetUp]
    public void PrepareListener() => _listener = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Test]
    public async Task KeepAlivesMeanwhile_AreAnsweredBehind()
    {
        using var client = StartClient("-vvv", "-o", "ServerAliveInterval=1");
        // The request itself and two keep-alives. An answer to one of those would be taken for the answer to the request.
        for (var i = 0; i < 3; i++)
        {
            await Eventually.EndsAsync(SshClient.FindLineAsync(client.StandardError, IsGlobalRequest), "the client sends a global request");
        }

        var listener = new FakeListener();
        _listener.SetResult(listener);

        Assert.That(await SshClient.ReadAllocatedPortAsync(client), Is.EqualTo(listener.Port));
        client.Kill();
        await Eventually.EndsAsync(listener.Disposed.Task, "the port is freed when the client has gone");
    }

    [Test]
    public async Task ClientGoesMeanwhile_PortIsFreed()
    {
        using var client = StartClient("-vvv");
        await Eventually.EndsAsync(SshClient.FindLineAsync(client.StandardError, IsGlobalRequest), "the client sends its request");
        client.Kill();
        await client.WaitForExitAsync();

        var listener = new FakeListener();
        _listener.SetResult(listener);

        await Eventually.EndsAsync(listener.Disposed.Task, "the port is freed");
    }

    private Process StartClient(params string[] options)
    {
        Start(new FakeAuthenticator { User = Environment.UserName, Work = () => new FakeHandler { Listener = _listener.Task } });
        return SshClient.Start("ssh", SocketPath, [.. options, "-N", "-R", "0:127.0.0.1:1", SshClient.Host]);
    }

    private static bool IsGlobalRequest(string line) => line.Contains("send packet: type 80", StringComparison.Ordinal);
}
