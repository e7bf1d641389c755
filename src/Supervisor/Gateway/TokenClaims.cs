using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using OpenShell.Protocol.Policies;

namespace OpenShell.Supervisor.Gateway;

/// <summary>
/// What a token says of itself. Nobody here can check its signature: it is as good as whoever brought it, and what it is used for is
/// to find out that something else which came the same way is not what the gateway gave.
/// </summary>
/// <param name="PolicyDigest">Of the policy that the gateway admits; empty: it does not say.</param>
/// <param name="Lifetime">From its issue to its end; null: it does not say.</param>
internal sealed record TokenClaims(string PolicyDigest, TimeSpan? Lifetime)
{
    private static readonly TokenClaims None = new("", null);

    /// <summary>Reads a token; one of another kind says nothing.</summary>
    public static TokenClaims Read(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[1]))
        {
            return None;
        }

        try
        {
            return Read(Base64Url.DecodeFromChars(parts[1]));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return None;
        }
    }

    private static TokenClaims Read(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        var (digest, issued, expires) = ("", 0L, 0L);
        while (reader.Read())
        {
            if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            var name = Encoding.UTF8.GetString(reader.ValueSpan);
            reader.Read();
            switch (name)
            {
                case SandboxTokenClaims.PolicyDigest:
                    digest = reader.GetString() ?? "";
                    break;
                case "iat":
                    issued = reader.GetInt64();
                    break;
                case "exp":
                    expires = reader.GetInt64();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new TokenClaims(digest, issued > 0 && expires > issued ? TimeSpan.FromSeconds(Math.Min(expires - issued, int.MaxValue)) : null);
    }
}
