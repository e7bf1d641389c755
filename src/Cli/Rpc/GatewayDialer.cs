using System.Net.Sockets;
using OpenShell.Cli.Config;
using OpenShell.Linux.Sockets;

namespace OpenShell.Cli.Rpc;

/// <summary>
/// Connects to a gateway. At a socket it checks who listens before a byte is sent. The kernel accepts connections for a gateway that
/// is stopped (SIGSTOP), so the timeout of a connection ends with the first bytes from the gateway.
/// </summary>
internal sealed class GatewayDialer(GatewayEndpoint endpoint)
{
    /// <summary>Longest time from connecting to the first bytes of the gateway.</summary>
    public static readonly TimeSpan FirstAnswerTimeout = TimeSpan.FromSeconds(8);

    /// <exception cref="GatewayTimeoutException">The connection was not accepted in time.</exception>
    /// <exception cref="UntrustedPeerException">Another user listens there.</exception>
    /// <exception cref="SocketException">The connection was refused.</exception>
    public async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var timeout = new CancellationTokenSource(FirstAnswerTimeout);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            return new GatewayStream(await DialAsync(limit.Token), timeout);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            timeout.Dispose();
            throw new GatewayTimeoutException();
        }
        catch
        {
            timeout.Dispose();
            throw;
        }
    }

    private async Task<Socket> DialAsync(CancellationToken cancellationToken)
    {
        if (endpoint.SocketPath is { } path)
        {
            return await UnixDial.ConnectAsync(path, cancellationToken);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.Uri.DnsSafeHost, endpoint.Uri.Port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The first read has a limit; all others are the base's own.
    private sealed class GatewayStream(Socket socket, CancellationTokenSource timeout) : NetworkStream(socket, ownsSocket: true)
    {
        private bool _answered;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _answered ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            timeout.Dispose();
            base.Dispose(disposing);
        }

        private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            try
            {
                var count = await base.ReadAsync(buffer, limit.Token);
                _answered = true;
                return count;
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new GatewayTimeoutException();
            }
        }
    }
}

/// <summary>A gateway did not answer on a new connection within <see cref="GatewayDialer.FirstAnswerTimeout"/>.</summary>
internal sealed class GatewayTimeoutException()
    : IOException($"it did not answer within {GatewayDialer.FirstAnswerTimeout.TotalSeconds:0} s");
