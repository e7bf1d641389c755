using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using OpenShell.Gateway.Auth;

namespace OpenShell.Gateway.Services;

/// <summary>Where a caller reaches the gateway.</summary>
internal static class ReachableAddress
{
    private const int LongestHost = 253;

    /// <summary>A host that works for this caller where a listener has an address of its own.</summary>
    public static string Host(HttpContext http, IPAddress listener) =>
        listener.Equals(IPAddress.Any) || listener.Equals(IPAddress.IPv6Any) ? Named(http)?.Host ?? "127.0.0.1" : listener.ToString();

    /// <summary>
    /// The public listener. The name that this caller reached us by is one that works for it; the listener's address may be
    /// 0.0.0.0.
    /// </summary>
    public static (string Host, int Port) Public(HttpContext http) =>
        http.Features.Get<LocalPeer>() is not null ? OfListener(http)
        : Named(http) is { } named ? (named.Host, named.Port ?? (http.Request.IsHttps ? 443 : 80))
        : (http.Connection.LocalIpAddress?.ToString() ?? "127.0.0.1", http.Connection.LocalPort);

    // The local socket has no port; what listens on one is the first address.
    private static (string Host, int Port) OfListener(HttpContext http)
    {
        var server = http.RequestServices.GetRequiredService<IServer>();
        var address = BindingAddress.Parse(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        return (address.Host is "0.0.0.0" or "[::]" ? "127.0.0.1" : address.Host, address.Port);
    }

    private static HostString? Named(HttpContext http) =>
        http.Request.Host is { HasValue: true, Host.Length: > 0 and <= LongestHost } named ? named : null;
}
