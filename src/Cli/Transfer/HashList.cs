using System.Buffers;
using System.Security.Cryptography;
using OpenShell.Cli.Text;

namespace OpenShell.Cli.Transfer;

/// <summary>
/// What sha256sum prints: a hash, two characters and the name of each file, in the order in which it got them. Names may
/// have line breaks in them, so they are not looked for but compared with those that were requested for.
/// </summary>
internal static class HashList
{
    private const int HashLength = 2 * SHA256.HashSizeInBytes;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Takes the output apart.</summary>
    /// <param name="requested">Names as they were requested for, without the "./" before them.</param>
    /// <returns>Hashes by name; without those that sha256sum could not read.</returns>
    public static IReadOnlyDictionary<string, string> Parse(string output, IReadOnlyList<string> requested)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        var at = 0;
        foreach (var name in requested)
        {
            if (Match(output, at, "./" + name) is { } end)
            {
                hashes[name] = output.Substring(output[at] == '\\' ? at + 1 : at, HashLength);
                at = end;
            }
        }

        return hashes;
    }

    /// <summary>One hash for many files: of the sorted list of their hashes and names.</summary>
    public static string Combine(IEnumerable<KeyValuePair<string, string>> hashes)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((var name, var hash) in hashes.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            all.AppendData(RawPath.ToBytes($"{hash}  {name}\n"));
        }

        return Convert.ToHexStringLower(all.GetHashAndReset());
    }

    // The end of the line for this name, if it is the one here. GNU's sha256sum writes a backslash first where it had to
    // escape something in the name; busybox's never does.
    private static int? Match(string output, int at, string name)
    {
        var escaped = name
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\r", "\\r", StringComparison.Ordinal);
        (string prefix, string shown)[] forms = [("", name), ("\\", escaped)];
        foreach ((var prefix, var shown) in forms)
        {
            var start = at + prefix.Length + HashLength + 2;
            var end = start + shown.Length + 1;
            if (end <= output.Length
                && string.CompareOrdinal(output, at, prefix, 0, prefix.Length) == 0
                && string.CompareOrdinal(output, start, shown, 0, shown.Length) == 0
                && output[end - 1] == '\n'
                && output.AsSpan(at + prefix.Length, HashLength).ContainsAnyExcept(Digits) is false)
            {
                return end;
            }
        }

        return null;
    }
}
