using System.Net;
using OpenShell.Cli.Hosting;

namespace OpenShell.Cli.Config;

/// <summary>Address of a gateway: <c>http://host:port</c> (HTTP/2 without TLS).</summary>
internal sealed class GatewayEndpoint
{
    private GatewayEndpoint(Uri uri) => Uri = uri;

    public Uri Uri { get; }

    /// <summary>Whether nobody but this machine sees the traffic.</summary>
    public bool IsLoopback => Uri.IsLoopback || (IPAddress.TryParse(Uri.DnsSafeHost, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <exception cref="CliException">It is not an address that we can talk to.</exception>
    public static GatewayEndpoint Parse(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            throw Refuse(text, $"has no scheme; write http://{text}");
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
        {
            throw Refuse(text, "is not an address; write http://HOST:PORT");
        }

        if (uri.Scheme == Uri.UriSchemeHttps)
        {
            throw Refuse(text, "uses https, which this version does not speak yet; use http:// on the gateway's own machine");
        }

        if (uri.Scheme != Uri.UriSchemeHttp)
        {
            throw Refuse(text, $"uses {uri.Scheme}; only http:// is spoken");
        }

        return uri is { PathAndQuery: "/", UserInfo: "", Fragment: "" }
            ? new GatewayEndpoint(uri)
            : throw Refuse(text, "has more than a host and a port; write http://HOST:PORT");
    }

    public override string ToString() => Uri.GetLeftPart(UriPartial.Authority);

    private static CliException Refuse(string text, string reason) =>
        new(CliError.Usage($"gateway endpoint '{text}' {reason}"));
}
