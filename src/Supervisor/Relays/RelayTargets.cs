using System.Net;
using System.Net.Sockets;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Execs;

namespace OpenShell.Supervisor.Relays;

/// <summary>Makes the target that the gateway asks for.</summary>
internal sealed class RelayTargets(ExecRelay exec, string sshSocketPath, TimeProvider time)
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Dials, where there is something to dial.</summary>
    /// <exception cref="OperationCanceledException">The relay was closed meanwhile.</exception>
    public async Task<PreparedTarget> PrepareAsync(RelayOpen open, CancellationToken closed)
    {
        switch (open.TargetCase)
        {
            case RelayOpen.TargetOneofCase.Exec:
                return new PreparedTarget(new ExecTarget(exec), null);
            case RelayOpen.TargetOneofCase.Tcp:
                var (endpoints, error) = TcpTargetAddress.Resolve(open.Tcp);
                return endpoints is null
                    ? new PreparedTarget(null, error)
                    : await DialAsync(endpoints, $"{open.Tcp.Host}:{open.Tcp.Port}", closed);
            default:
                // A gateway that knows no other target leaves it out.
                return await DialSshAsync(closed);
        }
    }

    private Task<PreparedTarget> DialSshAsync(CancellationToken closed) =>
        File.Exists(sshSocketPath)
            ? DialAsync([new UnixDomainSocketEndPoint(sshSocketPath)], "the SSH server of the sandbox", closed)
            : Task.FromResult(new PreparedTarget(null, "the sandbox runs no SSH server"));

    private async Task<PreparedTarget> DialAsync(IReadOnlyList<EndPoint> endpoints, string name, CancellationToken closed)
    {
        using var timeout = new CancellationTokenSource(DialTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, closed);
        var error = "";
        foreach (var endpoint in endpoints)
        {
            var isUnix = endpoint is UnixDomainSocketEndPoint;
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
            try
            {
                socket.NoDelay = !isUnix;
                await socket.ConnectAsync(endpoint, either.Token);
                return new PreparedTarget(new SocketTarget(socket), null);
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
                return new PreparedTarget(null, $"{name}: no answer within {DialTimeout.TotalSeconds} seconds");
            }
        }

        return new PreparedTarget(null, $"{name}: {error}");
    }
}
