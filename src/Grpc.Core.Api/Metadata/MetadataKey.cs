using System.Buffers;

namespace Grpc.Core;

/// <summary>The rules for metadata keys: ASCII letters, digits, '.', '-' and '_', compared and sent in lower case.</summary>
internal static class MetadataKey
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-_");

    public static string Normalize(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        // Only ASCII is folded: other letters must fail below, and not because of some culture's rules.
        var normalized = key.AsSpan().ContainsAnyInRange('A', 'Z') ? ToLowerAscii(key) : key;
        if (normalized.Length == 0 || normalized.AsSpan().ContainsAnyExcept(Allowed))
        {
            throw new ArgumentException(
                $"Metadata key '{key}' is not valid: it must be one or more ASCII letters, digits, '.', '-' or '_'.",
                nameof(key));
        }

        return normalized;
    }

    public static bool IsBinary(string normalizedKey) =>
        normalizedKey.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.Ordinal);

    private static string ToLowerAscii(string key) => string.Create(
        key.Length,
        key,
        static (lower, original) =>
        {
            for (var i = 0; i < lower.Length; i++)
            {
                lower[i] = char.IsAsciiLetterUpper(original[i]) ? (char)(original[i] | 0x20) : original[i];
            }
        });
}
