using System.Collections.Frozen;
using System.Threading.Channels;

namespace OpenShell.Gateway.Sessions;

/// <summary>Why a session is over. The first reason is kept.</summary>
internal enum SessionEnd
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>The supervisor ended the stream, or its connection broke.</summary>
    PeerGone,

    /// <summary>A newer session of the same sandbox took its place.</summary>
    Superseded,

    /// <summary>Nothing was heard for too long.</summary>
    Silent,

    /// <summary>The supervisor does not read: its command queue is full.</summary>
    Stuck,

    /// <summary>The sandbox is being stopped or deleted.</summary>
    Disconnected,

    /// <summary>The gateway is shutting down.</summary>
    Stopping,
}

/// <summary>A live session of a supervisor. Owned by the call that serves its stream.</summary>
internal sealed class SupervisorSession(
    string sandboxId, string instanceId, int bootEpoch, string version, IEnumerable<string> features) : IDisposable
{
    // A supervisor that lets this many commands pile up does not read any more.
    private const int CommandQueueLength = 1024;

    private readonly CancellationTokenSource _ended = new();
    private readonly Channel<SessionCommand> _commands = Channel.CreateBounded<SessionCommand>(
        new BoundedChannelOptions(CommandQueueLength) { SingleReader = true });

    private int _end;

    public string SandboxId => sandboxId;

    public string SessionId { get; } = Guid.NewGuid().ToString();

    /// <summary>Identifies the boot of the guest.</summary>
    public string InstanceId => instanceId;

    /// <summary>Epoch of the token that the session was opened with.</summary>
    public int BootEpoch => bootEpoch;

    public string Version => version;

    /// <summary>Which connection of its instance it is; 0: the supervisor does not count them.</summary>
    public ulong ConnectionEpoch { get; init; }

    /// <summary>SHA256:… of the sandbox's SSH server; empty: it has none.</summary>
    public string SshHostKeyFingerprint { get; init; } = "";

    /// <summary>What both sides know: <see cref="Protocol.Relay.RelayFeatures"/>.</summary>
    public FrozenSet<string> Features { get; } = features.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Commands in order; completed when the session ends.</summary>
    public ChannelReader<SessionCommand> Commands => _commands.Reader;

    /// <summary>Cancelled when the session ends.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Why it ended.</summary>
    public SessionEnd EndReason => (SessionEnd)Volatile.Read(ref _end);

    /// <summary>Queues a command. A supervisor that does not read loses its session.</summary>
    /// <returns>False if the session is over.</returns>
    public bool TrySend(SessionCommand command)
    {
        if (_commands.Writer.TryWrite(command))
        {
            return true;
        }

        End(SessionEnd.Stuck);
        return false;
    }

    /// <summary>Ends the session; the first reason stays.</summary>
    public void End(SessionEnd reason)
    {
        if (Interlocked.CompareExchange(ref _end, (int)reason, (int)SessionEnd.None) == (int)SessionEnd.None)
        {
            _commands.Writer.TryComplete();
            _ended.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => End(SessionEnd.PeerGone);
}
