using System.Net;
using System.Net.Sockets;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Supervisor.Relays;

/// <summary>Connects to what listens in the sandbox.</summary>
internal sealed class SocketDialer(TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Tries one after the other.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async Task<Outcome<Socket>> DialAsync(IReadOnlyList<EndPoint> endpoints, string name, CancellationToken closed)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, closed);
        var error = "";
        foreach (var endpoint in endpoints)
        {
            var isUnix = endpoint is UnixDomainSocketEndPoint;
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
            try
            {
                if (!isUnix)
                {
                    // A Unix socket has no such option, not even to turn it off.
                    socket.NoDelay = true;
                }

                await socket.ConnectAsync(endpoint, either.Token);
                return socket;
            }
            catch (SocketException e)
            {
                // The first one is the address that people mean.
                error = error.Length == 0 ? e.Message : error;
                socket.Dispose();
            }
            catch (OperationCanceledException)
            {
                socket.Dispose();
                closed.ThrowIfCancellationRequested();
                return new Failure(FailureKind.Unavailable, $"{name}: no answer within {Timeout.TotalSeconds} seconds");
            }
        }

        return new Failure(FailureKind.Unavailable, $"{name}: {error}");
    }
}
