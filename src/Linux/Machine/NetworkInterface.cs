using System.Net;
using System.Text;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Sockets;

namespace OpenShell.Linux.Machine;

/// <summary>Network interfaces, IPv4, through the classic requests (struct ifreq).</summary>
public static class NetworkInterface
{
    private const uint GetFlags = 0x8913;
    private const uint SetFlags = 0x8914;
    private const uint SetAddress = 0x8916;
    private const uint SetMask = 0x891C;
    private const short FlagUp = 1;
    private const int RequestBytes = 40;
    private const int ValueOffset = 16;

    public static bool Exists(string name) => Directory.Exists($"/sys/class/net/{name}");

    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void AssignAddress(string name, IPAddress address, int prefixLength)
    {
        Request(name, SetAddress, "address", value => WriteAddress(value, address.GetAddressBytes()));
        var mask = prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);
        Request(name, SetMask, "netmask", value => WriteAddress(value, [(byte)(mask >> 24), (byte)(mask >> 16), (byte)(mask >> 8), (byte)mask]));
    }

    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void BringUp(string name)
    {
        short flags = 0;
        Request(name, GetFlags, "flags", _ => { }, value => flags = BitConverter.ToInt16(value));
        Request(name, SetFlags, "up", value => BitConverter.TryWriteBytes(value, (short)(flags | FlagUp)));
    }

    // sockaddr_in in host byte order for the family, then two bytes of port.
    private static void WriteAddress(Span<byte> value, ReadOnlySpan<byte> address)
    {
        value[0] = NativeSocket.IPv4;
        address.CopyTo(value[4..]);
    }

    private static unsafe void Request(
        string name, uint request, string what, SpanAction fill, SpanAction? take = null)
    {
        var bytes = stackalloc byte[RequestBytes];
        new Span<byte>(bytes, RequestBytes).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(bytes, ValueOffset - 1));
        var value = new Span<byte>(bytes + ValueOffset, RequestBytes - ValueOffset);
        fill(value);
        using var socket = NativeSocket.Open(NativeSocket.IPv4, NativeSocket.Datagram);
        if (DescriptorIo.Ioctl(socket, request, (nint)bytes) != 0)
        {
            throw Errno.Failure($"{name}: {what}");
        }

        take?.Invoke(value);
    }

    private delegate void SpanAction(Span<byte> value);
}
