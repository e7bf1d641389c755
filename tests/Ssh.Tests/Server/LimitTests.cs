using System.Net.Sockets;
using OpenShell.Ssh.Abstractions;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests.Server;

/// <summary>What is beyond a limit is refused; what was before stays.</summary>
public sealed class LimitTests : ServerTest
{
    [Test]
    public async Task Handshake_NotFinishedInTime_ConnectionIsClosed()
    {
        var time = new ManualTimeProvider();
        Start(new FakeAuthenticator(), time: time);
        using var socket = await ConnectAsync();
        // Its banner says that it has taken the connection.
        await socket.ReceiveAsync(new byte[1]);

        time.Advance(new SshServerOptions().AuthenticationTimeout);

        await ReadToEndAsync(socket);
    }

    [Test]
    public async Task Handshakes_TooMany_OldestMakesRoom()
    {
        Start(new FakeAuthenticator { User = "root" }, new SshServerOptions { MaxHandshakes = 2 });
        using var first = await ConnectAsync();
        await first.ReceiveAsync(new byte[1]);
        using var second = await ConnectAsync();
        await second.ReceiveAsync(new byte[1]);

        var outcome = await RunAsync("-l", "root", SshClient.Host, "hello");

        Assert.That(outcome.Text, Is.EqualTo("hello"), outcome.Error);
        await ReadToEndAsync(first);
    }

    [Test]
    public async Task Garbage_InPlaceOfAProtocol_ConnectionIsClosed()
    {
        Start(new FakeAuthenticator());
        using var socket = await ConnectAsync();

        await socket.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        socket.Shutdown(SocketShutdown.Send);

        await ReadToEndAsync(socket);
    }

    [Test]
    public async Task Program_ThatDoesNotStart_FailsItsRequest()
    {
        Start(new FakeAuthenticator { User = "root" });

        var outcome = await RunAsync("-l", "root", SshClient.Host, FakeHandler.Refused);

        Assert.That((outcome.ExitCode, outcome.Error.TrimEnd()), Is.EqualTo((255, "exec request failed on channel 0")));
    }

    [Test]
    public async Task Forward_NobodyListensOrNothingCanBeBound_IsRefused()
    {
        Start(new FakeAuthenticator { User = "root" });

        var outcome = await RunAsync("-o", "ExitOnForwardFailure=yes", "-l", "root", "-R", "0:127.0.0.1:1", SshClient.Host, "hello");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((255, "")));
    }
}
