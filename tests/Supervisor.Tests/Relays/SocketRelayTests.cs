using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.Supervisor.Tests.Relays;

/// <summary>TCP and SSH targets through a real supervisor. The namespace is one of processes only, so the test's listener can be reached.</summary>
public sealed class SocketRelayTests : IDisposable
{
    private SupervisorProcess _supervisor = null!;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    [OneTimeSetUp]
    public async Task Start()
    {
        _supervisor = await SupervisorProcess.StartWithSessionAsync();
        _listener.Start();
    }

    [OneTimeTearDown]
    public ValueTask Stop() => _supervisor.DisposeAsync();

    public void Dispose() => _listener.Dispose();

    [Test]
    public async Task Tcp_GatewayEndsItsDirection_TargetCanStillAnswer()
    {
        await using var relay = await OpenAsync();
        using var target = await _listener.AcceptSocketAsync();
        await relay.WriteAsync(new ReadOnlySequence<byte>("question"u8.ToArray()), flush: true, CancellationToken.None);
        await relay.CompleteWritesAsync(CancellationToken.None);
        using var stream = new NetworkStream(target);
        using var reader = new StreamReader(stream);
        var question = await reader.ReadToEndAsync();
        await target.SendAsync("answer"u8.ToArray());
        target.Shutdown(SocketShutdown.Send);
        Assert.That((question, await ReadAllAsync(relay)), Is.EqualTo(("question", "answer")));
    }

    [Test]
    public async Task Tcp_TargetEndsItsDirection_GatewayCanStillSend()
    {
        await using var relay = await OpenAsync();
        using var target = await _listener.AcceptSocketAsync();
        target.Shutdown(SocketShutdown.Send);
        Assert.That(await ReadAllAsync(relay), Is.Empty);
        await relay.WriteAsync(new ReadOnlySequence<byte>("still here"u8.ToArray()), flush: true, CancellationToken.None);
        await relay.CompleteWritesAsync(CancellationToken.None);
        var received = new StringBuilder();
        var buffer = new byte[64];
        int count;
        while ((count = await target.ReceiveAsync(buffer)) > 0)
        {
            received.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        Assert.That(received.ToString(), Is.EqualTo("still here"));
    }

    [Test]
    public async Task Tcp_NoNewConnectionCanBeMade_SharesOneThatIsThere()
    {
        await using var first = await OpenAsync();
        using var firstTarget = await _listener.AcceptSocketAsync();
        var away = _supervisor.SocketPath + ".away";
        File.Move(_supervisor.SocketPath, away);
        try
        {
            await using var second = await OpenAsync();
            using var target = await _listener.AcceptSocketAsync();
            await second.WriteAsync(new ReadOnlySequence<byte>("in"u8.ToArray()), flush: true, CancellationToken.None);
            await second.CompleteWritesAsync(CancellationToken.None);
            using var reader = new StreamReader(new NetworkStream(target));
            Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("in"));
        }
        finally
        {
            File.Move(away, _supervisor.SocketPath);
        }
    }

    [Test]
    public async Task Tcp_FortyRelaysUnread_AnotherAnswers()
    {
        // More than one connection carries, and more waiting on each than its window.
        var unread = new List<RelayConnection>();
        var targets = new List<Socket>();
        try
        {
            for (var i = 0; i < 60; i++)
            {
                unread.Add(await OpenAsync());
                targets.Add(await _listener.AcceptSocketAsync());
                var sending = targets[^1].SendAsync(new byte[4 * 1024 * 1024]);
                Assert.That(sending.IsFaulted, Is.False);
            }

            await using var relay = await OpenAsync();
            using var target = await _listener.AcceptSocketAsync();
            await target.SendAsync("!"u8.ToArray());
            target.Shutdown(SocketShutdown.Send);
            Assert.That(await ReadAllAsync(relay), Is.EqualTo("!"));
        }
        finally
        {
            foreach (var relay in unread)
            {
                await relay.DisposeAsync();
            }

            targets.ForEach(target => target.Dispose());
        }
    }

    [Test]
    public async Task Tcp_NobodyListens_IsRefusedWithTheReason()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await Assert.ThatAsync(
            () => _supervisor.Gateway.OpenAsync(open => open.Tcp = new TcpRelayTarget { Host = "127.0.0.1", Port = (uint)port }),
            Throws.InstanceOf<IOException>().With.Message.Contains($"127.0.0.1:{port}: Connection refused"));
    }

    [Test]
    public async Task Ssh_NoServer_IsRefusedWithTheReason() =>
        await Assert.ThatAsync(
            () => _supervisor.Gateway.OpenAsync(open => open.Ssh = new SshRelayTarget()),
            Throws.InstanceOf<IOException>().With.Message.Contains("no SSH server"));

    private Task<RelayConnection> OpenAsync() => _supervisor.Gateway.OpenAsync(open =>
        open.Tcp = new TcpRelayTarget { Host = "localhost", Port = (uint)((IPEndPoint)_listener.LocalEndpoint).Port });

    private static async Task<string> ReadAllAsync(RelayConnection relay)
    {
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        var text = new StringBuilder();
        while (await relay.ReadAsync(timeout.Token) is { Kind: RelayReadKind.Data } read)
        {
            text.Append(Encoding.UTF8.GetString(read.Data));
            relay.Advance();
        }

        return text.ToString();
    }
}
