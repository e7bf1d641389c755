using System.IO.Pipelines;
using OpenShell.Linux.Descriptors;
using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Channels;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Connections;

/// <summary>
/// A connection of a client, from the first byte. The loop's thread owns it:
/// <list type="number">
/// <item>Key exchange, then authentication, both within a time limit.</item>
/// <item>Requests are taken as libssh parses them; channels get the turns in which they can do something.</item>
/// <item>A client that has gone, or breaks the protocol, ends it: channels are dropped, then libssh frees everything.</item>
/// </list>
/// </summary>
internal sealed class SshConnection : ILoopDescriptor, IConnectionHost
{
    // libssh reads 4 KiB at a time; others have their turn after as many reads.
    private const int RoundsPerTurn = 32;

    private readonly ServerContext _server;
    private readonly ChannelTable _channels;
    private readonly SessionTransport _transport;
    private readonly ITimer _limit;
    private readonly ConnectionAuthentication _authentication;
    private readonly ChannelOpener _opener;
    private readonly RemoteForwards _forwards;
    private bool _turnRequested;

    public SshConnection(ServerContext server, nint session, FileDescriptor descriptor, ISshAuthenticator authenticator)
    {
        _server = server;
        _channels = new ChannelTable(ScheduleTurn);
        _transport = new SessionTransport(new NativeSession(session, _channels), new PollRegistration(server.Loop, this, descriptor));
        _authentication = new ConnectionAuthentication(this, authenticator);
        _opener = new ChannelOpener(this);
        _forwards = new RemoteForwards(this);
        _limit = server.Time.CreateTimer(
            static state => ((SshConnection)state!).PostExpired(), this, server.Options.AuthenticationTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Told once, when the client has shown who it is.</summary>
    public required Action<SshConnection> Authenticated { get; init; }

    /// <summary>Told once, when it is over.</summary>
    public required Action<SshConnection> Closed { get; init; }

    public SshServerOptions Options => _server.Options;

    public PipeScheduler Scheduler => _server.Loop.Scheduler;

    public bool IsClosed { get; private set; }

    public bool IsRunningTurn { get; private set; }

    public bool IsAuthenticated => _authentication.Handler is not null;

    public ISshConnectionHandler Handler => _authentication.Handler!;

    public nint Session => _transport.Session;

    public int ChannelCount => _channels.Count + _opener.Pending;

    /// <summary>Starts to serve it.</summary>
    public void Begin()
    {
        if (!_transport.TryPoll())
        {
            Dispose();
        }

        ScheduleTurn();
    }

    public void Pause() => _transport.Pause();

    public void Resume() => Begin();

    public void ScheduleTurn()
    {
        _turnRequested = true;
        if (!IsRunningTurn && !IsClosed)
        {
            _server.Loop.ScheduleTurn(this);
        }
    }

    public bool CanWrite(nint channel) =>
        !IsClosed && _transport.TakesOutput && LibSshChannels.IsOpen(channel) != 0 && LibSshChannels.WindowSize(channel) > 0;

    public void Add(nint handle, SshChannel channel)
    {
        _channels.Add(handle, channel);
        _transport.Listen(handle);
    }

    public void Remove(nint handle) => _channels.Remove(handle);

    public void Track(Task task) => _server.Tasks.Add(task);

    /// <inheritdoc/>
    public void RunTurn()
    {
        if (IsClosed || _transport.IsPaused)
        {
            return;
        }

        IsRunningTurn = true;
        switch (_transport.TryExchangeKeys())
        {
            case true:
                TakeRequests();
                break;
            case null:
                Dispose();
                break;
        }

        IsRunningTurn = false;
        if (!IsClosed && !_transport.IsPaused)
        {
            Finish();
        }
    }

    /// <summary>Ends the connection at once.</summary>
    public void Dispose()
    {
        if (IsClosed)
        {
            return;
        }

        IsClosed = true;
        _limit.Dispose();
        _transport.End();
        _authentication.Dispose();
        _opener.Dispose();
        _forwards.Dispose();
        _channels.DropAll();
        _transport.Dispose();
        Closed(this);
    }

    public void OnAuthenticated()
    {
        _limit.Dispose();
        Authenticated(this);
    }

    public void PostEnd() => _server.Loop.Enqueue(static state => ((SshConnection)state!).Dispose(), this);

    private void PostExpired() => _server.Loop.Enqueue(
        static state =>
        {
            var connection = (SshConnection)state!;
            if (!connection.IsAuthenticated)
            {
                connection.Dispose();
            }
        },
        this);

    private void TakeRequests()
    {
        for (var round = 0; round < RoundsPerTurn && !IsClosed; round++)
        {
            var before = _transport.BytesRead;
            _turnRequested = false;
            while (!IsClosed && !_transport.IsPaused && LibSsh.GetMessage(Session) is not 0 and var message)
            {
                Take(message);
            }

            if (_transport.IsPaused)
            {
                return;
            }

            ServiceChannels();
            if (!_turnRequested && !IsClosed && _transport.BytesRead == before)
            {
                return;
            }
        }

        if (!IsClosed)
        {
            _server.Loop.ScheduleTurn(this);
        }
    }

    private void Take(nint message)
    {
        switch (LibSshMessages.Type(message))
        {
            case MessageType.Auth:
                _authentication.Handle(message);
                return;
            case MessageType.ChannelOpen when IsAuthenticated:
                _opener.Handle(message);
                return;
            case MessageType.Global when IsAuthenticated:
                _forwards.Handle(message);
                return;
            case MessageType.Channel:
                // A channel that we have freed has no requests to answer.
                if (_channels.Find(LibSshMessages.RequestChannel(message)) is { } channel)
                {
                    channel.HandleRequest(message);
                    return;
                }

                break;
            default:
                _ = LibSshMessages.ReplyDefault(message);
                break;
        }

        LibSshMessages.Free(message);
    }

    private void ServiceChannels()
    {
        if (IsClosed)
        {
            return;
        }

        _forwards.Service();
        _channels.Service();
    }

    private void Finish()
    {
        if (_transport.Flush())
        {
            _server.Loop.ScheduleTurn(this);
        }

        if (_transport.IsBroken)
        {
            Dispose();
            return;
        }

        _transport.UpdateInterest();
    }
}
