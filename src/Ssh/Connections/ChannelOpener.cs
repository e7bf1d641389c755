using OpenShell.Ssh.Channels;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;
using OpenShell.Ssh.Work;

namespace OpenShell.Ssh.Connections;

/// <summary>Channels that the client opens (RFC 4254, sections 5.1, 6.1 and 7.2).</summary>
internal sealed class ChannelOpener(SshConnection connection) : IDisposable
{
    // RFC 4253 asks for 32 768; libssh never ends writing where nothing fits a packet.
    private const uint SmallestPacket = 1024;

    private readonly CancellationTokenSource _closed = new();

    /// <summary>Channels that wait for their connection.</summary>
    public int Pending { get; private set; }

    /// <summary>Takes a request, and its message with it.</summary>
    public void Handle(nint message)
    {
        if (connection.ChannelCount < connection.Server.Options.MaxChannels
            && MessageLayout.PacketSize(message) is null or >= SmallestPacket)
        {
            switch (LibSshMessages.Subtype(message))
            {
                case ChannelType.Session:
                    Accept(message, handle => new SessionChannel(connection, handle));
                    return;
                case ChannelType.DirectTcp when ReadTarget(message) is { } target:
                    connection.Server.Track(ConnectAsync(message, target.Host, target.Port));
                    return;
            }
        }

        Refuse(message);
    }

    /// <summary>The connection is over.</summary>
    public void Dispose() => connection.Server.Track(_closed.CancelAsync());

    private static void Refuse(nint message)
    {
        _ = LibSshMessages.ReplyDefault(message);
        LibSshMessages.Free(message);
    }

    private static unsafe (string Host, int Port)? ReadTarget(nint message)
    {
        var host = LibSshMessages.Text(LibSshMessages.OpenDestination(message));
        var port = LibSshMessages.OpenDestinationPort(message);
        return host is not null && LoopbackHosts.Contains(host) && port > 0 ? (host, port) : null;
    }

    private T? Accept<T>(nint message, Func<nint, T> make)
        where T : SshChannel
    {
        var handle = LibSshMessages.AcceptChannel(message);
        LibSshMessages.Free(message);
        connection.Touch();
        if (handle == 0)
        {
            return null;
        }

        var channel = make(handle);
        connection.Add(handle, channel);
        return channel;
    }

    private async Task ConnectAsync(nint message, string host, int port)
    {
        Pending++;
        var stream = await DialAsync(host, port);
        Pending--;
        if (connection.IsClosed)
        {
            LibSshMessages.Free(message);
        }
        else if (stream is null)
        {
            Refuse(message);
            connection.Touch();
        }
        else if (Accept(message, handle => new StreamChannel(connection, handle, stream)) is { } channel)
        {
            await channel.RunAsync();
            return;
        }

        stream?.Dispose();
    }

    private async Task<ISshPeer?> DialAsync(string host, int port)
    {
        try
        {
            return await OffLoop.RunAsync(() => connection.Work.ConnectAsync(host, port, _closed.Token));
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
