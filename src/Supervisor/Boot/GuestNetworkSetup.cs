using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OpenShell.Linux.Machine;

namespace OpenShell.Supervisor.Boot;

/// <summary>Loopback and the one interface. No route: the gateway's address is on the link, and nothing else may be reached.</summary>
internal static class GuestNetworkSetup
{
    private const string Interface = "eth0";

    /// <exception cref="BootException">The address is none, or the kernel refuses.</exception>
    public static void Apply(string address)
    {
        try
        {
            NetworkInterface.BringUp("lo");
            if (address.Length == 0)
            {
                return;
            }

            var (ip, prefixLength) = Parse(address);
            NetworkInterface.AssignAddress(Interface, ip, prefixLength);
            NetworkInterface.BringUp(Interface);
        }
        catch (IOException e)
        {
            throw new BootException("network", e.Message);
        }
    }

    private static (IPAddress Address, int PrefixLength) Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0
            && IPAddress.TryParse(text.AsSpan(0, slash), out var address)
            && address.AddressFamily == AddressFamily.InterNetwork
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && length <= 32)
        {
            return (address, length);
        }

        throw new BootException("network", $"'{text}' is no address with a prefix length");
    }
}
