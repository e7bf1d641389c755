using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.SshAccess;

/// <summary>A line of authorized_keys without options (sshd(8)): type, base64, comment.</summary>
internal sealed record SshPublicKey(string Type, string Base64, string Comment)
{
    private const int LongestLine = 16 * 1024;

    // What the server verifies; a key of another type could be added and never used.
    private static readonly string[] Types =
        ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
         "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"];

    /// <summary>Type and base64.</summary>
    public string Key => $"{Type} {Base64}";

    /// <summary>SHA256:… as ssh-keygen shows it.</summary>
    public string Fingerprint => "SHA256:" + Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(Base64))).TrimEnd('=');

    /// <summary>Takes a line apart; the failure says what is wrong with it.</summary>
    public static Outcome<SshPublicKey> Parse(string line)
    {
        var parts = line.Trim().Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
        if (line.Length > LongestLine || line.AsSpan().Trim().ContainsAny('\n', '\r', '\0') || parts.Length < 2)
        {
            return Invalid("it is not one line of type, base64 and comment");
        }

        if (!Types.Contains(parts[0], StringComparer.Ordinal))
        {
            return Invalid($"its type is not one of {string.Join(", ", Types)}");
        }

        var blob = new byte[parts[1].Length];
        return Convert.TryFromBase64String(parts[1], blob, out var length) && NamesItself(blob.AsSpan(0, length), parts[0])
            ? new SshPublicKey(parts[0], parts[1], parts.Length == 3 ? parts[2] : "")
            : Invalid("its base64 is not a key of that type");
    }

    // The key repeats its type (RFC 4253, section 6.6).
    private static bool NamesItself(ReadOnlySpan<byte> blob, string type) =>
        blob.Length > sizeof(uint)
        && BinaryPrimitives.ReadUInt32BigEndian(blob) == type.Length
        && blob[sizeof(uint)..].StartsWith(Encoding.ASCII.GetBytes(type));

    private static Failure Invalid(string why) => new(FailureKind.InvalidArgument, $"public_key cannot be used: {why}");
}
