using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Relay;
using OpenShell.Ssh.Abstractions;

namespace OpenShell.Gateway.Ssh;

/// <summary>A port in a sandbox that is listened on over a relay; every connection to it is a relay, too.</summary>
internal sealed class RelayListener : ISshForwardListener
{
    // The client's connection stands still meanwhile.
    private static readonly TimeSpan SessionWait = TimeSpan.FromSeconds(5);

    // For the supervisor to say the port, and to free it.
    private static readonly TimeSpan AnswerWait = TimeSpan.FromSeconds(5);

    private readonly RelayBroker _relays;
    private readonly string _sandboxId;
    private readonly string _id;
    private readonly RelayConnection _relay;
    private readonly ListenEvents _events;

    private RelayListener(RelayBroker relays, string sandboxId, string id, RelayConnection relay)
    {
        _relays = relays;
        _sandboxId = sandboxId;
        _id = id;
        _relay = relay;
        _events = new ListenEvents(relay);
    }

    /// <inheritdoc/>
    public int Port { get; private set; }

    /// <summary>Null: the port cannot be had; the sandbox's log says why.</summary>
    /// <exception cref="OperationCanceledException">As asked for.</exception>
    public static async Task<RelayListener?> OpenAsync(
        RelayBroker relays, string sandboxId, string host, int port, CancellationToken cancellationToken)
    {
        var target = new ListenTarget(host, port, Guid.NewGuid().ToString("N"));
        var opened = await relays.OpenAsync(sandboxId, target, "ssh", SessionWait, cancellationToken);
        if (!opened.Succeeded(out var relay, out _))
        {
            return null;
        }

        var listener = new RelayListener(relays, sandboxId, target.ListenerId, relay);
        if (await listener.TryReadPortAsync(cancellationToken))
        {
            return listener;
        }

        await listener.DisposeAsync();
        return null;
    }

    /// <inheritdoc/>
    public async Task<AcceptedForward> AcceptAsync(CancellationToken cancellationToken)
    {
        while (await _events.ReadAsync(cancellationToken) is { } happened)
        {
            if (happened.Accepted is not { } accepted)
            {
                continue;
            }

            // One that cannot be had any more has been closed by the supervisor, or is with the listener.
            var target = new AcceptedTarget(_id, accepted.ConnectionId);
            var opened = await _relays.OpenAsync(_sandboxId, target, "ssh", SessionWait, cancellationToken);
            if (opened.Succeeded(out var relay, out _))
            {
                return new AcceptedForward(new RelayForwardTarget(relay), accepted.Address, (int)accepted.Port);
            }
        }

        throw new IOException("The port is not listened on any more.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(AnswerWait);
        try
        {
            await _relay.CompleteWritesAsync(limit.Token);
            while (await _events.ReadAsync(limit.Token) is not null)
            {
                // Connections that came last; the supervisor closes them.
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The supervisor frees the port when it learns that the relay is over.
            _relay.Abort();
        }

        await _relay.DisposeAsync();
    }

    private async Task<bool> TryReadPortAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerWait);
        try
        {
            var first = await _events.ReadAsync(limit.Token);
            Port = (int)(first?.Listening?.Port ?? 0);
            return Port != 0;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
