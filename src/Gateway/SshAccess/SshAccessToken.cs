using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace OpenShell.Gateway.SshAccess;

/// <summary>
/// A token as callers hold it: <c>ssh_ID.SECRET</c>. The id finds the row, the secret is compared with the hash in it in
/// constant time, so that a lookup tells nothing about a secret.
/// </summary>
internal readonly record struct SshAccessToken(string Id, string Secret)
{
    private const string Prefix = "ssh_";

    public static SshAccessToken Create() => new(
        Guid.NewGuid().ToString("N"), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

    public static bool TryParse(string text, [NotNullWhen(true)] out SshAccessToken? token)
    {
        token = text.StartsWith(Prefix, StringComparison.Ordinal) && text.IndexOf('.', StringComparison.Ordinal) is var dot and > 0
            ? new SshAccessToken(text[Prefix.Length..dot], text[(dot + 1)..])
            : null;
        return token is not null;
    }

    public string ToText() => $"{Prefix}{Id}.{Secret}";

    public ImmutableArray<byte> Hash() => [.. SHA256.HashData(Encoding.UTF8.GetBytes(Secret))];

    public bool Matches(ImmutableArray<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash().AsSpan(), hash.AsSpan());

    /// <summary>Without the secret: what a record prints ends in logs.</summary>
    public override string ToString() => $"{Prefix}{Id}";
}
