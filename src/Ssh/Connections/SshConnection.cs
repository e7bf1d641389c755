using OpenShell.Ssh.Channels;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;
using OpenShell.Ssh.Work;

namespace OpenShell.Ssh.Connections;

/// <summary>
/// A connection of a client, from the first byte. The loop's thread owns it:
/// <list type="number">
/// <item>Key exchange, then authentication, both within a time limit.</item>
/// <item>Requests are taken as libssh parses them; channels get the turns in which they can do something.</item>
/// <item>A client that has gone, or breaks the protocol, ends it: channels are dropped, then libssh frees everything.</item>
/// </list>
/// </summary>
internal sealed class SshConnection : ILoopDescriptor, IDisposable
{
    // libssh reads 4 KiB at a time; others have their turn after as many reads.
    private const int RoundsPerTurn = 32;

    // What libssh may hold of our output before channels wait for the socket.
    private const long OutputLimit = 256 * 1024;

    // And before nothing more is read: every request of a client makes an answer.
    private const long AnswerLimit = 1024 * 1024;

    private readonly ChannelTable _channels;
    private readonly NativeSession _session;
    private readonly LoopPlace _place;
    private readonly ITimer _limit;
    private readonly ConnectionAuthentication _authentication;
    private readonly ChannelOpener _opener;
    private readonly RemoteForwards _forwards;
    private bool _keysExchanged;
    private bool _flagged;

    public SshConnection(SshServer server, nint session, int descriptor, ISshAuthenticator authenticator)
    {
        Server = server;
        Loop = server.Loop;
        _channels = new ChannelTable(this);
        _session = new NativeSession(session, _channels);
        _place = new LoopPlace(Loop, this, descriptor);
        _authentication = new ConnectionAuthentication(this, authenticator);
        _opener = new ChannelOpener(this);
        _forwards = new RemoteForwards(this);
        _limit = server.Time.CreateTimer(
            static state => ((SshConnection)state!).PostExpired(), this, server.Options.AuthenticationTimeout, Timeout.InfiniteTimeSpan);
    }

    public SshServer Server { get; }

    public SshLoop Loop { get; }

    public bool IsClosed { get; private set; }

    /// <summary>Whether it is looked after anyway at this moment.</summary>
    public bool InTurn { get; private set; }

    public bool IsAuthenticated => _authentication.Work is not null;

    /// <summary>What the client's channels lead to; once it has authenticated.</summary>
    public ISshWork Work => _authentication.Work!;

    public nint Session => _session.Handle;

    public int ChannelCount => _channels.Count + _opener.Pending;

    /// <summary>Starts to serve it.</summary>
    public void Begin()
    {
        if (!_place.TryPoll())
        {
            Dispose();
        }

        Touch();
    }

    /// <summary>Reads, sends and answers nothing until <see cref="Resume"/>.</summary>
    public void Pause() => _place.Pause();

    /// <summary>Goes on where it was.</summary>
    public void Resume() => Begin();

    /// <summary>Gives the connection another turn, because libssh was called.</summary>
    public void Touch()
    {
        _flagged = true;
        if (!InTurn && !IsClosed)
        {
            Loop.Touch(this);
        }
    }

    /// <summary>Whether the client's window and the socket take something.</summary>
    public bool CanWrite(nint channel) =>
        !IsClosed && !_place.IsPaused && _session.PendingOutput < OutputLimit && LibSshChannels.IsOpen(channel) != 0 && LibSshChannels.WindowSize(channel) > 0;

    public void Add(nint handle, SshChannel channel)
    {
        _channels.Add(handle, channel);
        _session.Listen(handle);
    }

    public void Remove(nint handle) => _channels.Remove(handle);

    /// <inheritdoc/>
    public void Turn()
    {
        if (IsClosed || _place.IsPaused)
        {
            return;
        }

        InTurn = true;
        if (_keysExchanged || TryExchangeKeys())
        {
            TakeRequests();
        }

        InTurn = false;
        if (!IsClosed && !_place.IsPaused)
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
        if (!_session.IsBroken)
        {
            // What was said last, such as a refusal, if the socket takes it.
            _ = LibSsh.Flush(Session, 0);
        }

        _place.End();
        _authentication.Dispose();
        _opener.Dispose();
        _forwards.Dispose();
        _channels.DropAll();
        _session.Dispose();
        Server.Remove(this);
    }

    /// <summary>The client has shown who it is.</summary>
    public void NoteAuthenticated()
    {
        _limit.Dispose();
        Server.NoteAuthenticated(this);
    }

    /// <summary>Ends the connection from another thread.</summary>
    public void PostEnd() => Loop.Enqueue(static state => ((SshConnection)state!).Dispose(), this);

    private void PostExpired() => Loop.Enqueue(
        static state =>
        {
            var connection = (SshConnection)state!;
            if (!connection.IsAuthenticated)
            {
                connection.Dispose();
            }
        },
        this);

    // False: not yet, or not at all.
    private bool TryExchangeKeys()
    {
        ulong before;
        do
        {
            before = _session.BytesRead;
            var result = LibSsh.HandleKeyExchange(Session);
            if (result == LibSsh.Ok)
            {
                _keysExchanged = true;
                LibSsh.SetAuthMethods(Session, AuthMethod.PublicKey);
                return true;
            }

            if (result == LibSsh.Error)
            {
                Dispose();
                return false;
            }
        }
        while (_session.BytesRead != before);
        return false;
    }

    private void TakeRequests()
    {
        for (var round = 0; round < RoundsPerTurn && !IsClosed; round++)
        {
            var before = _session.BytesRead;
            _flagged = false;
            while (!IsClosed && !_place.IsPaused && LibSsh.GetMessage(Session) is not 0 and var message)
            {
                Take(message);
            }

            if (_place.IsPaused)
            {
                return;
            }

            ServiceChannels();
            if (!_flagged && !IsClosed && _session.BytesRead == before)
            {
                return;
            }
        }

        if (!IsClosed)
        {
            Loop.Touch(this);
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
        var before = _session.BytesRead;
        if (_session.HasPendingOutput)
        {
            _ = LibSsh.Flush(Session, 0);
        }

        if (_session.BytesRead != before)
        {
            Loop.Touch(this);
        }

        if (_session.IsBroken)
        {
            Dispose();
            return;
        }

        var pending = _session.PendingOutput;
        _place.Want((pending < AnswerLimit ? Libc.PollIn : 0) | (_session.HasPendingOutput ? Libc.PollOut : 0));
    }
}
