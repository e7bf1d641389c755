using System.Collections.Concurrent;
using System.Net.Sockets;
using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Keys;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests.Server;

/// <summary>The library alone: a server in the test's process on a Unix socket.</summary>
public abstract class ServerTest
{
    private CancellationTokenSource _stopping = null!;
    private Socket _listener = null!;
    private Task _running = Task.CompletedTask;
    private SshServer? _server;

    private protected TestDirectory Directory { get; private set; } = null!;

    /// <summary>What the server met and did not expect.</summary>
    private protected ConcurrentQueue<Exception> Defects { get; } = [];

    private protected string SocketPath => Directory.File("s");

    [SetUp]
    public void Prepare()
    {
        Directory = new TestDirectory();
        _stopping = new CancellationTokenSource();
        Defects.Clear();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Assert.ThatAsync(() => _running, Throws.InstanceOf<OperationCanceledException>());
        _listener.Dispose();
        await _server!.DisposeAsync();
        _stopping.Dispose();
        Directory.Dispose();
    }

    private protected void Start(ISshAuthenticator authenticator, SshServerOptions? options = null, TimeProvider? time = null)
    {
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
        _server = new SshServer(options ?? new SshServerOptions(), SshHostKey.Generate(), time ?? TimeProvider.System, Defects.Enqueue);
        _running = _server.RunAsync(_listener, authenticator, _stopping.Token);
    }

    private protected Task<SshOutcome> RunAsync(params string[] arguments) =>
        SshClient.RunProgramAsync("ssh", SocketPath, [], arguments);

    private protected async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }

    /// <summary>Reads to the end of the connection.</summary>
    private protected static Task ReadToEndAsync(Socket socket)
    {
        return Eventually.EndsAsync(ReadAsync(), "the server closes the connection");

        async Task ReadAsync()
        {
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer) > 0)
            {
            }
        }
    }
}
