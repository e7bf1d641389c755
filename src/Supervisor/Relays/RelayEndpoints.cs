using System.Net;
using System.Net.Sockets;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Exec;

namespace OpenShell.Supervisor.Relays;

/// <summary>Makes the target that the gateway asks for.</summary>
/// <param name="sshSocketPath">Where the SSH server listens; null: there is none.</param>
internal sealed class RelayEndpoints(ExecRelay exec, string? sshSocketPath, SocketDialer dialer, TimeProvider time)
{
    private readonly AcceptedConnections _accepted = new();

    /// <summary>Where a relay leads to, for the log.</summary>
    public static string Describe(RelayOpen open) => open.TargetCase switch
    {
        RelayOpen.TargetOneofCase.Exec => "exec",
        RelayOpen.TargetOneofCase.Tcp => $"tcp {open.Tcp.Host}:{open.Tcp.Port}",
        RelayOpen.TargetOneofCase.Listen => $"listen {open.Listen.Host}:{open.Listen.Port}",
        RelayOpen.TargetOneofCase.Accepted => $"accepted {open.Accepted.ConnectionId}",
        _ => "ssh",
    };

    /// <summary>Dials, where there is something to dial.</summary>
    /// <exception cref="OperationCanceledException">The relay was closed meanwhile.</exception>
    public async Task<Outcome<RelayEndpoint>> PrepareAsync(RelayOpen open, CancellationToken closed)
    {
        switch (open.TargetCase)
        {
            case RelayOpen.TargetOneofCase.Exec:
                return new ExecEndpoint(exec);
            case RelayOpen.TargetOneofCase.Tcp:
                var (endpoints, error) = TcpTargetAddress.Resolve(open.Tcp);
                return endpoints is null
                    ? new Failure(FailureKind.InvalidArgument, error!)
                    : await DialAsync(endpoints, $"{open.Tcp.Host}:{open.Tcp.Port}", closed);
            case RelayOpen.TargetOneofCase.Listen:
                return ListenEndpoint.Open(open.Listen, _accepted, time);
            case RelayOpen.TargetOneofCase.Accepted:
                return _accepted.Take(open.Accepted.ListenerId, open.Accepted.ConnectionId) is { } socket
                    ? new SocketEndpoint(socket)
                    : new Failure(FailureKind.NotFound, $"accepted connection {open.Accepted.ConnectionId} is not there any more");
            default:
                // A gateway that knows no other target leaves it out.
                return await DialSshAsync(closed);
        }
    }

    private async Task<Outcome<RelayEndpoint>> DialSshAsync(CancellationToken closed) =>
        sshSocketPath is not null && File.Exists(sshSocketPath)
            ? await DialAsync([new UnixDomainSocketEndPoint(sshSocketPath)], "the SSH server of the sandbox", closed)
            : new Failure(FailureKind.NotFound, "the sandbox runs no SSH server");

    private async Task<Outcome<RelayEndpoint>> DialAsync(IReadOnlyList<EndPoint> endpoints, string name, CancellationToken closed) =>
        (await dialer.DialAsync(endpoints, name, closed)).Succeeded(out var socket, out var failure) ? new SocketEndpoint(socket) : failure;
}
