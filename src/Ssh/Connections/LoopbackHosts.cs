using System.Net;

namespace OpenShell.Ssh.Connections;

/// <summary>Hosts that are the sandbox itself: nothing else is forwarded to or listened on.</summary>
internal static class LoopbackHosts
{
    private const string Name = "localhost";

    public static bool Contains(string host) =>
        host.Equals(Name, StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Where to listen. As with sshd's "GatewayPorts no", every address stands for the loopback one. Null: neither.</summary>
    public static string? ToListenOn(string address) => address switch
    {
        "" or "*" or "0.0.0.0" or "::" => Name,
        _ => Contains(address) ? address : null,
    };
}
