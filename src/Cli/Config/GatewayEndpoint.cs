using System.Net;
using System.Net.Sockets;
using OpenShell.Cli.Context;

namespace OpenShell.Cli.Config;

/// <summary>Address of a gateway: <c>unix:PATH</c>, or <c>http://host:port</c> (HTTP/2 without TLS).</summary>
internal sealed class GatewayEndpoint
{
    private const string SocketScheme = "unix:";

    // HTTP wants an authority also where the way is a socket.
    private static readonly Uri SocketUri = new("http://localhost");

    private GatewayEndpoint(Uri uri, string? socketPath = null) => (Uri, SocketPath) = (uri, socketPath);

    /// <summary>What HTTP calls it.</summary>
    public Uri Uri { get; }

    /// <summary>The Unix socket that it listens on; null: it listens on a port.</summary>
    public string? SocketPath { get; }

    /// <summary>Whether the traffic stays on this machine.</summary>
    public bool IsLoopback => Uri.IsLoopback || (IPAddress.TryParse(Uri.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));

    /// <exception cref="CliException">It is not a supported address.</exception>
    public static GatewayEndpoint Parse(string text)
    {
        if (text.StartsWith(SocketScheme, StringComparison.Ordinal))
        {
            return ParseSocket(text);
        }

        if (!text.Contains("://", StringComparison.Ordinal))
        {
            throw Refuse(text, $"has no scheme; write http://{text}");
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw Refuse(text, "is not an address; write unix:PATH or http://HOST:PORT");
        }

        if (uri.Scheme == Uri.UriSchemeHttps)
        {
            throw Refuse(text, "uses https, which this version does not speak yet; use http:// on the gateway's own machine");
        }

        if (uri.Scheme != Uri.UriSchemeHttp)
        {
            throw Refuse(text, $"uses {uri.Scheme}; only unix: and http:// are spoken");
        }

        return uri is { PathAndQuery: "/", UserInfo: "", Fragment: "" }
            ? new GatewayEndpoint(uri)
            : throw Refuse(text, "has more than a host and a port; write http://HOST:PORT");
    }

    /// <summary>The endpoint of a socket.</summary>
    public static string OfSocket(string path) => SocketScheme + path;

    public override string ToString() => SocketPath is { } path ? OfSocket(path) : Uri.GetLeftPart(UriPartial.Authority);

    private static GatewayEndpoint ParseSocket(string text)
    {
        var path = text[SocketScheme.Length..];
        if (!Path.IsPathRooted(path))
        {
            throw Refuse(text, "has no absolute path; write unix:/PATH");
        }

        try
        {
            path = Path.GetFullPath(path.StartsWith("//", StringComparison.Ordinal) ? path.TrimStart('/').Insert(0, "/") : path);
            _ = new UnixDomainSocketEndPoint(path);
            return new GatewayEndpoint(SocketUri, path);
        }
        catch (ArgumentException)
        {
            throw Refuse(text, "is not the path of a socket, which has at most 107 bytes");
        }
    }

    private static CliException Refuse(string text, string reason) =>
        new(CliError.Usage($"gateway endpoint '{text}' {reason}"));
}
