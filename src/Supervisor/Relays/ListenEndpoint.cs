using System.Net;
using System.Net.Sockets;
using OpenShell.Linux.Sockets;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.Supervisor.Relays;

/// <summary>A port that is listened on while its relay lasts. What it accepts waits for relays of its own.</summary>
internal sealed class ListenEndpoint : RelayEndpoint
{
    private const int Backlog = 128;

    private readonly Socket _socket;
    private readonly string _id;
    private readonly AcceptedConnections _accepted;
    private readonly TimeProvider _time;

    private ListenEndpoint(Socket socket, string id, AcceptedConnections accepted, TimeProvider time)
    {
        _socket = socket;
        _id = id;
        _accepted = accepted;
        _time = time;
    }

    /// <summary>Listens, or says why not.</summary>
    public static Outcome<RelayEndpoint> Open(TcpListenRelayTarget target, AcceptedConnections accepted, TimeProvider time)
    {
        var (endpoint, error) = TcpTargetAddress.Resolve(target);
        if (endpoint is null)
        {
            return new Failure(FailureKind.InvalidArgument, error!);
        }

        if (!accepted.TryBegin(target.ListenerId))
        {
            return new Failure(FailureKind.AlreadyExists, $"there is a listener '{target.ListenerId}' already; choose another id");
        }

        Socket? socket = null;
        try
        {
            socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(endpoint);
            socket.Listen(Backlog);
            return new ListenEndpoint(socket, target.ListenerId, accepted, time);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            accepted.End(target.ListenerId);
            return new Failure(FailureKind.Unavailable, $"{endpoint}: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public override async Task RunAsync(RelayConnection relay, CancellationToken closed)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(closed);
        var ending = WaitForEndAsync(relay, over);
        try
        {
            await AcceptAllAsync(new ListenEvents(relay), over.Token);
        }
        catch (OperationCanceledException) when (!closed.IsCancellationRequested)
        {
            // The gateway wants no more.
        }
        finally
        {
            await over.CancelAsync();
            await ending;
            Dispose();
        }

        // Only now: the end tells the gateway that the port is free.
        await relay.CompleteWritesAsync(closed);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _socket.Dispose();
        _accepted.End(_id);
    }

    // The gateway sends nothing but the end. A relay that broke shows in what is written to it.
    private static async Task WaitForEndAsync(RelayConnection relay, CancellationTokenSource over)
    {
        try
        {
            while (await relay.ReadAsync(over.Token) is { Kind: RelayReadKind.Data })
            {
                relay.Advance();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It is over in any case.
        }

        await over.CancelAsync();
    }

    private async Task AcceptAllAsync(ListenEvents events, CancellationToken over)
    {
        var port = (uint)((IPEndPoint)_socket.LocalEndPoint!).Port;
        await events.WriteAsync(new TcpListenEvent { Listening = new TcpListening { Port = port } }, over);
        while (true)
        {
            var accepted = await SocketAccept.NextAsync(_socket, Keep, failed: null, _time, over);
            await events.WriteAsync(new TcpListenEvent { Accepted = accepted }, over);
        }
    }

    private TcpAccepted Keep(Socket socket)
    {
        socket.NoDelay = true;
        var peer = (IPEndPoint)socket.RemoteEndPoint!;
        return new TcpAccepted
        {
            ConnectionId = _accepted.Add(_id, socket),
            Address = peer.Address.ToString(),
            Port = (uint)peer.Port,
        };
    }
}
