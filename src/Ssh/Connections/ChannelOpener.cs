using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Channels;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Connections;

/// <summary>Channels that the client opens (RFC 4254, sections 5.1, 6.1 and 7.2).</summary>
internal sealed class ChannelOpener(IConnectionHost connection) : IDisposable
{
    // RFC 4253 asks for 32 768; libssh never ends writing where nothing fits a packet.
    private const uint SmallestPacket = 1024;

    private readonly CancellationTokenSource _closed = new();

    /// <summary>Channels that wait for their host.</summary>
    public int Pending { get; private set; }

    /// <summary>Takes a request, and its message with it.</summary>
    public void Handle(nint message)
    {
        if (connection.ChannelCount < connection.Options.MaxChannels
            && MessageLayout.PacketSize(message) is null or >= SmallestPacket)
        {
            switch (LibSshMessages.Subtype(message))
            {
                case ChannelType.Session:
                    Accept(message, handle => new SessionChannel(connection, handle, connection.Handler));
                    return;
                case ChannelType.DirectTcp when ReadTarget(message) is { } target:
                    connection.Track(ConnectAsync(message, target.Host, target.Port));
                    return;
            }
        }

        Refuse(message);
    }

    /// <summary>The connection is over.</summary>
    public void Dispose() => connection.Track(_closed.CancelAsync());

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
        connection.ScheduleTurn();
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
        var target = await DialAsync(host, port);
        Pending--;
        if (connection.IsClosed)
        {
            LibSshMessages.Free(message);
        }
        else if (target is null)
        {
            Refuse(message);
            connection.ScheduleTurn();
        }
        else if (Accept(message, handle => new StreamChannel(connection, handle, target)) is { } channel)
        {
            await channel.RunAsync();
            return;
        }

        if (target is not null)
        {
            await target.DisposeAsync();
        }
    }

    private async Task<ISshForwardTarget?> DialAsync(string host, int port)
    {
        try
        {
            return await ThreadPoolHop.RunAsync(() => connection.Handler.ConnectAsync(host, port, _closed.Token));
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
