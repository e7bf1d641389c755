using System.Buffers;
using System.Text;
using Google.Protobuf.Collections;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Services;

/// <summary>
/// Labels and annotations of whatever has them. A key is a name, with the prefix of a domain and a slash before it or
/// without; a label's value has the form of a name, too.
/// </summary>
internal static class MetadataValidator
{
    private const int MaxLabels = 128;
    private const int MaxKeyLength = 253;
    private const int MaxNameLength = 63;
    private const int MaxAnnotations = 128;
    private const int MaxAnnotationKeyBytes = 256;
    private const int MaxAnnotationValueBytes = 8192;

    // What of a wrong key or value is said again.
    private const int MaxQuoted = 300;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private static readonly SearchValues<char> PrefixCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Checks labels. What is wrong is code and text only.</summary>
    public static void CheckLabels(MapField<string, string> labels)
    {
        if (labels.Count > MaxLabels)
        {
            throw GrpcErrors.InvalidArgument($"labels exceed maximum entries ({labels.Count} > {MaxLabels})");
        }

        foreach (var (key, value) in labels)
        {
            if ((FindKeyFault(key) is { } fault ? $"label key {fault}" : FindValueFault(value)) is { } message)
            {
                throw GrpcErrors.InvalidArgument(message);
            }
        }
    }

    /// <summary>Checks annotations. Their values never appear in messages.</summary>
    public static void CheckAnnotations(MapField<string, string> annotations)
    {
        if (annotations.Count > MaxAnnotations)
        {
            throw Annotations($"annotations exceed maximum entries ({annotations.Count} > {MaxAnnotations})");
        }

        foreach (var (key, value) in annotations)
        {
            if (Encoding.UTF8.GetByteCount(key) is var keyBytes and > MaxAnnotationKeyBytes)
            {
                throw Annotations($"annotations key exceeds maximum length ({keyBytes} > {MaxAnnotationKeyBytes})");
            }

            if (FindKeyFault(key) is { } fault)
            {
                throw Annotations($"annotations key {fault}");
            }

            if (Encoding.UTF8.GetByteCount(value) is var valueBytes and > MaxAnnotationValueBytes)
            {
                throw Annotations($"annotations value of '{key}' exceeds maximum length ({valueBytes} > {MaxAnnotationValueBytes})");
            }
        }
    }

    /// <summary>What is wrong with the key of a label; null if nothing. It goes on where a sentence begins with "label key".</summary>
    public static string? FindKeyFault(string key)
    {
        if (key.Length == 0)
        {
            return "must not be empty";
        }

        if (key.Length > MaxKeyLength)
        {
            return $"exceeds {MaxKeyLength} characters: '{Quoted(key)}'";
        }

        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && !IsDomain(key[..slash]))
        {
            return $"has a prefix that is no DNS name: '{Quoted(key)}'";
        }

        var name = key[(slash + 1)..];
        return name.Length switch
        {
            0 => $"has no name behind its prefix: '{Quoted(key)}'",
            > MaxNameLength => $"has a name that exceeds {MaxNameLength} characters: '{Quoted(key)}'",
            _ when !IsName(name) => $"contains invalid characters (letters, digits and '-', '_', '.' between them): '{Quoted(key)}'",
            _ => null,
        };
    }

    /// <summary>What is wrong with the value of a label, as a sentence; null if nothing.</summary>
    public static string? FindValueFault(string value) => value.Length switch
    {
        0 => null,
        > MaxNameLength => $"label value exceeds {MaxNameLength} characters: '{Quoted(value)}'",
        _ when !IsName(value) => $"label value contains invalid characters (letters, digits and '-', '_', '.' between them): '{Quoted(value)}'",
        _ => null,
    };

    private static bool IsName(string text) =>
        !text.AsSpan().ContainsAnyExcept(NameCharacters) && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]);

    private static bool IsDomain(string text) => text.Split('.').All(part =>
        part.Length is > 0 and <= MaxNameLength && !part.AsSpan().ContainsAnyExcept(PrefixCharacters) && part[0] != '-' && part[^1] != '-');

    private static string Quoted(string text) => HarmlessText.Line(text, MaxQuoted);

    private static Exception Annotations(string message) => Failure.OfField("annotations", message).ToException();
}
