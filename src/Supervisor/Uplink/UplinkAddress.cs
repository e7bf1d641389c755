using System.Globalization;
using System.Net;
using System.Text;
using OpenShell.Linux.Sockets;

namespace OpenShell.Supervisor.Uplink;

/// <summary>
/// Turns "unix:PATH" or "tcp:HOST:PORT" into the kernel's form of an address. Not the runtime's EndPoint: the uplink is
/// started for every connection, and the socket engine would cost more than all it does.
/// </summary>
internal static class UplinkAddress
{
    private const int MaxUnixPath = 107;

    /// <returns>Null if <paramref name="endpoint"/> is none of the two.</returns>
    public static byte[]? TryParse(string endpoint)
    {
        if (endpoint.StartsWith("unix:", StringComparison.Ordinal))
        {
            return Unix(endpoint["unix:".Length..]);
        }

        var colon = endpoint.LastIndexOf(':');
        if (!endpoint.StartsWith("tcp:", StringComparison.Ordinal) || colon <= "tcp:".Length)
        {
            return null;
        }

        var host = endpoint["tcp:".Length..colon];
        return IPAddress.TryParse(host == "localhost" ? "127.0.0.1" : host, out var address)
            && ushort.TryParse(endpoint[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port > 0
            ? Tcp(address, port)
            : null;
    }

    private static byte[]? Unix(string path)
    {
        var length = Encoding.UTF8.GetByteCount(path);
        if (length is 0 or > MaxUnixPath)
        {
            return null;
        }

        var bytes = new byte[2 + length + 1];
        bytes[0] = NativeSocket.Unix;
        Encoding.UTF8.GetBytes(path, bytes.AsSpan(2));
        return bytes;
    }

    // sockaddr_in: family, port, address, padding. sockaddr_in6: family, port, flow, address, scope.
    private static byte[] Tcp(IPAddress address, ushort port)
    {
        var raw = address.GetAddressBytes();
        var isIPv4 = raw.Length == 4;
        var bytes = new byte[isIPv4 ? 16 : 28];
        bytes[0] = (byte)(isIPv4 ? NativeSocket.IPv4 : NativeSocket.IPv6);
        bytes[2] = (byte)(port >> 8);
        bytes[3] = (byte)port;
        raw.CopyTo(bytes, isIPv4 ? 4 : 8);
        return bytes;
    }
}
