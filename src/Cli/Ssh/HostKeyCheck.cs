using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OpenShell.Cli.Ssh;

/// <summary>
/// Compares the host key that an SSH server shows with the one that the gateway knows, by parsing the first, unencrypted
/// packets as they pass: (1) lines up to the server's version, (2) packets, of which the answer to the key exchange has the
/// key first (RFC 4253, 4.2, 6 and 8; RFC 5656, 4). ssh itself then makes sure that the server has the private half.
/// </summary>
/// <param name="fingerprint"><c>SHA256:</c> and base64, as ssh-keygen prints it.</param>
internal sealed class HostKeyCheck(string fingerprint)
{
    private const byte KeyExchangeReply = 31;
    private const byte NewKeys = 21;

    // Far more than any server sends before its keys.
    private const int MostBytes = 256 * 1024;

    private readonly ArrayBufferWriter<byte> _seen = new();
    private bool _versionSeen;
    private int _at;

    /// <summary>The key was the right one; nothing more is parsed.</summary>
    public bool Done { get; private set; }

    /// <summary>Parses what the server sends next, before it is passed on.</summary>
    /// <returns>False if the key is another one, or what is sent is no SSH.</returns>
    public bool Accepts(ReadOnlySpan<byte> piece)
    {
        if (Done)
        {
            return true;
        }

        _seen.Write(piece);
        var seen = _seen.WrittenSpan;

        // 1
        while (!_versionSeen && seen[_at..].IndexOf((byte)'\n') is var end and >= 0)
        {
            _versionSeen = seen[_at..].StartsWith("SSH-"u8);
            _at += end + 1;
        }

        // 2
        while (_versionSeen && TryTakePacket(seen, out var payload))
        {
            if (payload.IsEmpty || payload[0] is NewKeys)
            {
                return false;
            }

            if (payload[0] == KeyExchangeReply)
            {
                Done = true;
                return Matches(payload[1..]);
            }
        }

        return _seen.WrittenCount < MostBytes;
    }

    private bool TryTakePacket(ReadOnlySpan<byte> seen, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        var rest = seen[_at..];
        if (rest.Length < 5)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > MostBytes || rest.Length < 4 + (int)length)
        {
            return false;
        }

        // Length, length of the padding, payload, padding.
        var payloadLength = Math.Max(0, (int)length - 1 - rest[4]);
        payload = rest.Slice(5, Math.Min(payloadLength, rest.Length - 5));
        _at += 4 + (int)length;
        return true;
    }

    private bool Matches(ReadOnlySpan<byte> reply)
    {
        if (reply.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(reply) is var length && length > reply.Length - 4)
        {
            return false;
        }

        var hash = SHA256.HashData(reply.Slice(4, (int)length));
        return $"SHA256:{Convert.ToBase64String(hash).TrimEnd('=')}" == fingerprint;
    }
}
