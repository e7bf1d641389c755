using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenShell.Protocol;

/// <summary>
/// Where a listener is: <c>unix:PATH</c> or <c>tcp:HOST:PORT</c> (HOST an address, IPv6 in brackets).
/// </summary>
public sealed class DialEndpoint
{
    private DialEndpoint(string text, EndPoint endPoint) => (Text, EndPoint) = (text, endPoint);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>What a socket connects to.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>Parses an endpoint.</summary>
    /// <param name="error">Otherwise what is wrong, for people.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DialEndpoint? endpoint, [NotNullWhen(false)] out string? error)
    {
        (endpoint, error) = (null, null);
        if (text?.StartsWith("unix:", StringComparison.Ordinal) == true)
        {
            try
            {
                endpoint = new DialEndpoint(text, new UnixDomainSocketEndPoint(text["unix:".Length..]));
                return true;
            }
            catch (ArgumentException)
            {
                error = $"'{text}' is no endpoint: a socket path has 1 to 107 bytes";
                return false;
            }
        }

        if (text?.StartsWith("tcp:", StringComparison.Ordinal) == true
            && text.LastIndexOf(':') is var colon and > 4
            && TryParseAddress(text[4..colon], out var address)
            && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= IPEndPoint.MaxPort)
        {
            endpoint = new DialEndpoint(text, new IPEndPoint(address, port));
            return true;
        }

        error = $"'{text}' is no endpoint: expected unix:PATH or tcp:ADDRESS:PORT";
        return false;
    }

    /// <summary>Connects a stream socket.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = EndPoint is IPEndPoint
            ? new Socket(EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(EndPoint, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    // The framework takes "[::1]:80" for an address and drops the port, so brackets are looked at here.
    private static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        var bracketed = text is ['[', .., ']'];
        return IPAddress.TryParse(bracketed ? text[1..^1] : text, out address)
            && address.AddressFamily == (bracketed ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
    }
}
