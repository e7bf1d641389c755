using System.Net;
using OpenShell.Protocol.V1;

namespace OpenShell.Protocol.Relay;

/// <summary>Which TCP targets a relay may have: the guest's own loopback. Checked by the gateway and, for certain, by the supervisor.</summary>
public static class TcpTargetAddress
{
    /// <summary>Null and an error, or the endpoints to try in order.</summary>
    public static (IReadOnlyList<IPEndPoint>? Endpoints, string? Error) Resolve(TcpRelayTarget target)
    {
        if (target.Port is 0 or > IPEndPoint.MaxPort)
        {
            return (null, "tcp target port must be between 1 and 65535");
        }

        var host = target.Host.Trim();
        if (host.Length == 0)
        {
            return (null, "tcp target host is required");
        }

        var port = (int)target.Port;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return ([new(IPAddress.Loopback, port), new(IPAddress.IPv6Loopback, port)], null);
        }

        return IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)
            ? ([new(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port)], null)
            : (null, "tcp target host must be loopback");
    }
}
