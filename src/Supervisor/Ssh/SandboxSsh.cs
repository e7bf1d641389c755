using System.Net.Sockets;
using OpenShell.Linux.Files;
using OpenShell.Ssh;
using OpenShell.Ssh.Abstractions;
using OpenShell.Supervisor.Logs;

namespace OpenShell.Supervisor.Ssh;

/// <summary>
/// The SSH server of the sandbox, on a Unix socket that only root can reach: who reaches it was authenticated by the gateway,
/// so nothing else is asked.
/// </summary>
internal sealed class SandboxSsh : IAsyncDisposable
{
    private const int Backlog = 512;

    private readonly SshServer _server;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    private SandboxSsh(SshServer server, LocalSshHandler work, Socket listener, string socketPath, string fingerprint)
    {
        _server = server;
        _listener = listener;
        SocketPath = socketPath;
        Fingerprint = fingerprint;
        _running = server.RunAsync(listener, work, _stopping.Token);
    }

    public string SocketPath { get; }

    /// <summary>SHA256:… of the host key.</summary>
    public string Fingerprint { get; }

    /// <summary>Listens. Null: none is wanted, or it cannot be had, which is in the log; the sandbox does without.</summary>
    public static SandboxSsh? TryStart(SshPaths? paths, string sandboxId, LocalSshHandler work, SupervisorLog log, TimeProvider time)
    {
        if (paths is null)
        {
            return null;
        }

        try
        {
            var key = HostKeyFile.ReadOrMake(paths.HostKey, sandboxId);
            var listener = Listen(paths.Socket);
            var server = new SshServer(new SshServerOptions(), key, time, e => log.Error($"SSH server: {e}"));
            return new SandboxSsh(server, work, listener, paths.Socket, key.Fingerprint);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or InvalidOperationException)
        {
            log.Error($"no SSH server: {e.Message}");
            return null;
        }
    }

    /// <summary>Ends all connections and what runs for them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // It was to end.
        }

        _listener.Dispose();
        await _server.DisposeAsync();
        File.Delete(SocketPath);
        _stopping.Dispose();
    }

    private static Socket Listen(string path)
    {
        PrivateFile.CreateDirectory(Path.GetDirectoryName(path)!);
        // One that a supervisor which was killed has left.
        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, DurableFile.OwnerOnly);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
