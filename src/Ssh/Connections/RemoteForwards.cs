using OpenShell.Ssh.Channels;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;
using OpenShell.Ssh.Work;

namespace OpenShell.Ssh.Connections;

/// <summary>Ports of the sandbox that a client listens on (RFC 4254, section 7.1).</summary>
internal sealed class RemoteForwards(SshConnection connection) : IDisposable
{
    private readonly Dictionary<(string Address, int Port), RemoteForward> _forwards = [];
    private readonly List<ForwardedOpening> _openings = [];

    /// <summary>Takes a global request, and its message with it.</summary>
    public unsafe void Handle(nint message)
    {
        var address = LibSshMessages.Text(LibSshMessages.GlobalAddress(message));
        var port = LibSshMessages.GlobalPort(message);
        var bound = (LibSshMessages.Subtype(message), address) switch
        {
            (GlobalRequest.Forward, not null) => Listen(address, port),
            (GlobalRequest.CancelForward, not null) => Cancel(address, port),
            _ => null,
        };
        _ = bound is null ? LibSshMessages.ReplyDefault(message) : LibSshMessages.ReplyGlobalSuccess(message, (ushort)bound);
        LibSshMessages.Free(message);
    }

    /// <summary>Looks whether the client has answered.</summary>
    public void Service()
    {
        foreach (var opening in _openings.ToArray())
        {
            if (opening.TryOpen() is { } result)
            {
                _openings.Remove(opening);
                opening.Answer.SetResult(result);
            }
        }
    }

    /// <summary>The connection is over.</summary>
    public void Dispose()
    {
        foreach (var forward in _forwards.Values)
        {
            forward.Dispose();
        }

        _forwards.Clear();
        // libssh frees their channels.
        _openings.ForEach(opening => opening.Answer.SetResult(false));
        _openings.Clear();
    }

    private int? Listen(string address, int port)
    {
        if (_forwards.Count >= connection.Server.Options.MaxListeners || LoopbackHosts.ToListenOn(address) is not { } host
            || connection.Work.Listen(host, port) is not { } listener)
        {
            return null;
        }

        var forward = new RemoteForward(listener, address);
        // The kernel gives no port twice, but two names of the client may mean one address.
        if (!_forwards.TryAdd((address, listener.Port), forward))
        {
            forward.Dispose();
            return null;
        }

        connection.Server.Track(AcceptAllAsync(forward));
        return listener.Port;
    }

    private int? Cancel(string address, int port)
    {
        if (!_forwards.Remove((address, port), out var forward))
        {
            return null;
        }

        forward.Dispose();
        return port;
    }

    private async Task AcceptAllAsync(RemoteForward forward)
    {
        try
        {
            while (true)
            {
                var accepted = await OffLoop.RunAsync(() => forward.Listener.AcceptAsync(forward.Cancelled));
                if (connection.IsClosed || connection.ChannelCount >= connection.Server.Options.MaxChannels)
                {
                    accepted.Stream.Dispose();
                }
                else
                {
                    connection.Server.Track(CarryAsync(forward, accepted));
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The port is not listened on any more.
        }
    }

    private async Task CarryAsync(RemoteForward forward, SshAccepted accepted)
    {
        var handle = LibSshChannels.New(connection.Session);
        var channel = new StreamChannel(connection, handle, accepted.Stream);
        // Before it is open: data may follow right behind the client's answer.
        connection.Add(handle, channel);
        var opening = new ForwardedOpening(handle, forward.Address, forward.Listener.Port, accepted);
        _openings.Add(opening);
        connection.Touch();
        if (await opening.Answer.Task)
        {
            await channel.RunAsync();
            return;
        }

        accepted.Stream.Dispose();
        if (!connection.IsClosed)
        {
            connection.Remove(handle);
            LibSshChannels.Free(handle);
        }
    }
}
