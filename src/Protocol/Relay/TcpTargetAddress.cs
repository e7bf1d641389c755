using System.Net;
using OpenShell.Protocol.V1;

namespace OpenShell.Protocol.Relay;

/// <summary>
/// Which TCP ports a relay may lead to or listen on: those of the guest's own loopback. The gateway checks it for an early error,
/// the supervisor enforces it.
/// </summary>
public static class TcpTargetAddress
{
    /// <summary>Null and an error, or the endpoints to try in order.</summary>
    public static (IReadOnlyList<IPEndPoint>? Endpoints, string? Error) Resolve(TcpRelayTarget target)
    {
        if (target.Port is 0 or > IPEndPoint.MaxPort)
        {
            return (null, "tcp target port must be between 1 and 65535");
        }

        var (addresses, error) = ResolveHost(target.Host, "tcp target host");
        return (addresses?.ConvertAll(address => new IPEndPoint(address, (int)target.Port)), error);
    }

    /// <summary>Null and an error, or where to listen. "localhost" is the IPv4 address.</summary>
    public static (IPEndPoint? Endpoint, string? Error) Resolve(TcpListenRelayTarget target)
    {
        if (target.Port > IPEndPoint.MaxPort)
        {
            return (null, "listen port must be at most 65535");
        }

        var (addresses, error) = ResolveHost(target.Host, "listen host");
        return (addresses is null ? null : new IPEndPoint(addresses[0], (int)target.Port), error);
    }

    private static (List<IPAddress>? Addresses, string? Error) ResolveHost(string given, string name)
    {
        var host = given.Trim();
        if (host.Length == 0)
        {
            return (null, $"{name} is required");
        }

        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return ([IPAddress.Loopback, IPAddress.IPv6Loopback], null);
        }

        return IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)
            ? ([address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address], null)
            : (null, $"{name} must be loopback");
    }
}
