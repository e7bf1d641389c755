using System.Net;
using System.Net.Sockets;

namespace OpenShell.Load;

/// <summary>
/// The peer: <c>ssh -R</c> with aes128-gcm to an sshd of its own, both on loopback.
/// A connection to a mouth goes sshd → ssh → target, as ours goes gateway → supervisor → target.
/// </summary>
internal sealed class SshTunnel : IDisposable
{
    private readonly SshServer _server;

    private SshTunnel(SshServer server) => _server = server;

    /// <summary>Opens a tunnel with a mouth for each target port; the mouths are in <see cref="Mouths"/>.</summary>
    public static async Task<SshTunnel> OpenAsync(WorkDirectory work, IReadOnlyList<int> targets)
    {
        var tunnel = new SshTunnel(await SshServer.StartAsync(work));
        try
        {
            await tunnel.StartAsync(targets);
            return tunnel;
        }
        catch
        {
            tunnel.Dispose();
            throw;
        }
    }

    public Dictionary<int, int> Mouths { get; } = [];

    public async Task<SocketByteStream> ConnectAsync(int target)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await Until.EndsAsync(socket.ConnectAsync(IPAddress.Loopback, Mouths[target]), "ssh -R takes a connection");
        return new SocketByteStream(socket);
    }

    public void Dispose() => _server.Dispose();

    private async Task StartAsync(IReadOnlyList<int> targets)
    {
        List<string> arguments = ["-N", "-T", .. _server.ClientArguments, "-o", "ExitOnForwardFailure=yes"];
        foreach (var target in targets)
        {
            Mouths[target] = SshServer.FreePort();
            arguments.AddRange(["-R", $"127.0.0.1:{SshServer.Text(Mouths[target])}:127.0.0.1:{SshServer.Text(target)}"]);
        }

        arguments.Add(SshServer.Destination);
        _server.StartClient(arguments);
        foreach (var mouth in Mouths.Values)
        {
            await SshServer.WaitForAsync(mouth);
        }
    }
}
