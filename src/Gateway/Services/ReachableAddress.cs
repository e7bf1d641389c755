using System.Net;

namespace OpenShell.Gateway.Services;

/// <summary>Where a caller reaches the gateway.</summary>
internal static class ReachableAddress
{
    private const int LongestHost = 253;

    /// <summary>A host that works for this caller where a listener has an address of its own.</summary>
    public static string Host(HttpContext http, IPAddress listener) =>
        listener.Equals(IPAddress.Any) || listener.Equals(IPAddress.IPv6Any) ? Named(http)?.Host ?? "127.0.0.1" : listener.ToString();

    /// <summary>The public listener. The name that this caller reached us by is one that works for it; the listener's address may be 0.0.0.0.</summary>
    public static (string Host, int Port) Public(HttpContext http) =>
        Named(http) is { } named
            ? (named.Host, named.Port ?? (http.Request.IsHttps ? 443 : 80))
            : (http.Connection.LocalIpAddress?.ToString() ?? "127.0.0.1", http.Connection.LocalPort);

    private static HostString? Named(HttpContext http) =>
        http.Request.Host is { HasValue: true, Host.Length: > 0 and <= LongestHost } named ? named : null;
}
