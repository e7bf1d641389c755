using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Forwarding;

/// <summary>
/// Where a forward listens and where in the sandbox it leads: <c>[BIND:]PORT</c>, <c>PORT:PORT</c>, <c>PORT:HOST:PORT</c>,
/// <c>BIND:PORT:PORT</c> or <c>BIND:PORT:HOST:PORT</c>, with IPv6 addresses in brackets.
/// </summary>
/// <param name="LocalPort">Port to listen on; 0 takes a free one.</param>
/// <param name="Host">A loopback host of the sandbox.</param>
internal sealed record ForwardSpec(IPAddress Bind, int LocalPort, string Host, int Port)
{
    private const string DefaultHost = "localhost";

    /// <summary>Whether the words of a command line are to be read as one: names of sandboxes are no port and have no colon.</summary>
    public static bool LooksLikeOne(string text) => text.Contains(':', StringComparison.Ordinal) || text.All(char.IsAsciiDigit);

    /// <summary>Parses one.</summary>
    /// <param name="error">Otherwise what is wrong, for people.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ForwardSpec? spec, [NotNullWhen(false)] out string? error)
    {
        (spec, error) = (null, null);
        string?[] parts = Split(text) switch
        {
            [var port] => [null, port, null, port],
            [var local, var port] when IsNumber(local) => [null, local, null, port],
            [var bind, var port] => [bind, port, null, port],
            [var first, var second, var port] when IsNumber(first) => [null, first, second, port],
            [var bind, var local, var port] => [bind, local, null, port],
            [var bind, var local, var host, var port] => [bind, local, host, port],
            _ => [],
        };
        if (parts.Length == 0)
        {
            error = $"'{text}' is no forward: write [BIND:]PORT:[HOST:]PORT, or PORT alone for the same port on both sides";
            return false;
        }

        if (!TryParsePort(parts[1]!, 0, out var localPort) || !TryParsePort(parts[3]!, 1, out var remotePort))
        {
            error = $"'{text}' is no forward: ports are numbers from 1 to 65535; the first one may be 0, for any free one";
            return false;
        }

        if (!TryParseBind(parts[0], out var address))
        {
            error = $"'{text}' is no forward: '{parts[0]}' is no address of this machine; write an IP address, localhost or *";
            return false;
        }

        var target = parts[2] ?? DefaultHost;
        if (TcpTargetAddress.Resolve(new TcpRelayTarget { Host = target, Port = (uint)remotePort }).Error is not null)
        {
            error = $"'{text}' is no forward: '{target}' is not the sandbox itself; write localhost, 127.0.0.1 or [::1]";
            return false;
        }

        spec = new ForwardSpec(address, localPort, target, remotePort);
        return true;
    }

    private static List<string> Split(string text)
    {
        List<string> parts = [];
        var start = 0;
        var bracketed = false;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && (bracketed || text[i] != ':'))
            {
                bracketed = text[i] == '[' || (bracketed && text[i] != ']');
                continue;
            }

            parts.Add(text[start..i] is ['[', .. var inner, ']'] ? inner : text[start..i]);
            start = i + 1;
        }

        return parts;
    }

    private static bool IsNumber(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    private static bool TryParsePort(string text, int smallest, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port >= smallest && port <= IPEndPoint.MaxPort;

    private static bool TryParseBind(string? text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = text switch
        {
            null or "" or "localhost" => IPAddress.Loopback,
            "*" => IPAddress.Any,
            _ => IPAddress.TryParse(text, out var parsed) ? parsed : null,
        };
        return address is not null;
    }
}
