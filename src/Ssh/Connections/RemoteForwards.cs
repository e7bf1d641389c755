using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Channels;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Connections;

/// <summary>Ports that are listened on for a client (RFC 4254, section 7.1).</summary>
internal sealed class RemoteForwards(IConnectionHost connection) : IDisposable
{
    private readonly Dictionary<(string Address, int Port), RemoteForward> _forwards = [];
    private readonly List<ForwardedChannelRequest> _openings = [];
    private readonly CancellationTokenSource _closed = new();

    /// <summary>
    /// Takes a global request, and its message with it. Replies carry no name: a client tells them apart by their order
    /// (RFC 4254, section 4). So nothing more is taken from it meanwhile, not even a keep-alive, which libssh answers by itself.
    /// </summary>
    public void Handle(nint message)
    {
        connection.Pause();
        connection.Track(AnswerAsync(message));
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
        connection.Track(_closed.CancelAsync());
        foreach (var forward in _forwards.Values)
        {
            connection.Track(forward.DisposeAsync().AsTask());
        }

        _forwards.Clear();
        // libssh frees their channels.
        _openings.ForEach(opening => opening.Answer.SetResult(false));
        _openings.Clear();
    }

    private async Task AnswerAsync(nint message)
    {
        var (address, port) = ReadEndpoint(message);
        int? bound = null;
        try
        {
            bound = (LibSshMessages.Subtype(message), address) switch
            {
                (GlobalRequest.Forward, not null) => await ListenAsync(address, port),
                (GlobalRequest.CancelForward, not null) => await CancelAsync(address, port),
                _ => null,
            };
        }
        finally
        {
            // Whatever happened: a connection that stays paused would never end.
            Answer(message, bound);
        }
    }

    private void Answer(nint message, int? bound)
    {
        if (!connection.IsClosed)
        {
            _ = bound is null ? LibSshMessages.ReplyDefault(message) : LibSshMessages.ReplyGlobalSuccess(message, (ushort)bound);
            connection.Resume();
        }

        LibSshMessages.Free(message);
    }

    private static unsafe (string? Address, int Port) ReadEndpoint(nint message) =>
        (LibSshMessages.Text(LibSshMessages.GlobalAddress(message)), LibSshMessages.GlobalPort(message));

    private async Task<int?> ListenAsync(string address, int port)
    {
        if (_forwards.Count >= connection.Options.MaxListeners || LoopbackHosts.ToListenOn(address) is not { } host
            || await OpenAsync(host, port) is not { } listener)
        {
            return null;
        }

        var forward = new RemoteForward(listener, address);
        // The kernel gives no port twice, but two names of the client may mean one address.
        if (connection.IsClosed || !_forwards.TryAdd((address, forward.Port), forward))
        {
            await forward.DisposeAsync();
            return null;
        }

        forward.Accept(accepted => connection.Track(CarryAsync(forward, accepted)));
        return forward.Port;
    }

    private async Task<ISshForwardListener?> OpenAsync(string host, int port)
    {
        try
        {
            return await ThreadPoolHop.RunAsync(() => connection.Handler.ListenAsync(host, port, _closed.Token));
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<int?> CancelAsync(string address, int port)
    {
        if (!_forwards.Remove((address, port), out var forward))
        {
            return null;
        }

        await forward.DisposeAsync();
        return port;
    }

    private async Task CarryAsync(RemoteForward forward, AcceptedForward accepted)
    {
        if (connection.IsClosed || connection.ChannelCount >= connection.Options.MaxChannels)
        {
            await accepted.Target.DisposeAsync();
            return;
        }

        var handle = LibSshChannels.New(connection.Session);
        var channel = new StreamChannel(connection, handle, accepted.Target);
        // Before it is open: data may follow right behind the client's answer.
        connection.Add(handle, channel);
        var opening = new ForwardedChannelRequest(handle, forward.Address, forward.Port, accepted);
        _openings.Add(opening);
        connection.ScheduleTurn();
        if (await opening.Answer.Task)
        {
            await channel.RunAsync();
            return;
        }

        await accepted.Target.DisposeAsync();
        if (!connection.IsClosed)
        {
            connection.Remove(handle);
            LibSshChannels.Free(handle);
        }
    }
}
