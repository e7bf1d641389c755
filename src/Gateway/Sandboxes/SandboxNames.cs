using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>Names of sandboxes: made up by us, or checked.</summary>
internal static class SandboxNames
{
    /// <summary>Longest name, in bytes: it becomes a part of a host name beside two others.</summary>
    public const int MaxLength = 19;

    // Of DNS.
    private const int MaxLabelLength = 63;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private static readonly string[] First =
    [
        "amber", "ample", "azure", "bold", "brave", "bright", "brisk", "calm", "clear", "clever", "cosy", "crisp",
        "curious", "deft", "eager", "early", "fair", "fleet", "fond", "fresh", "gentle", "glad", "golden", "grand",
        "happy", "hardy", "jolly", "keen", "kind", "lively", "lucky", "mellow", "merry", "misty", "neat", "nimble",
        "noble", "patient", "plucky", "polite", "proud", "quick", "quiet", "rapid", "ready", "robust", "rustic",
        "serene", "sharp", "silver", "smart", "snug", "solid", "steady", "sunny", "swift", "tidy", "vivid", "warm", "wise",
    ];

    private static readonly string[] Second =
    [
        "acorn", "badger", "beacon", "beetle", "birch", "bison", "brook", "canyon", "cedar", "comet", "coral", "crane",
        "delta", "dune", "eagle", "ember", "falcon", "fern", "finch", "fjord", "forest", "fox", "garden", "glacier",
        "harbor", "hare", "hazel", "heron", "island", "juniper", "kestrel", "lagoon", "lark", "lynx", "maple", "marten",
        "meadow", "mesa", "moose", "nebula", "oak", "ocean", "orchid", "otter", "owl", "panda", "pebble", "pine",
        "puffin", "quail", "raven", "reef", "river", "robin", "salmon", "sparrow", "spruce", "stork", "tundra", "willow",
    ];

    /// <summary>Two lower-case words with a dash; not necessarily free.</summary>
    public static string Generate() =>
        $"{First[RandomNumberGenerator.GetInt32(First.Length)]}-{Second[RandomNumberGenerator.GetInt32(Second.Length)]}";

    /// <summary>What is wrong with a name, as a sentence; null if nothing. One that is empty is wrong.</summary>
    public static string? Check(string name) =>
        Encoding.UTF8.GetByteCount(name) is var bytes and > MaxLength
            ? $"name exceeds maximum length ({bytes} > {MaxLength})"
            : CheckLabel(name) is { } wrong ? $"name {wrong}" : null;

    /// <summary>What keeps a text from being a label as names of all things are; null if nothing. It goes on where a sentence has named it.</summary>
    public static string? CheckLabel(string name) => name switch
    {
        { Length: > MaxLabelLength } => $"exceeds maximum length ({name.Length} > {MaxLabelLength})",
        _ when name.Length == 0 || name.AsSpan().ContainsAnyExcept(Allowed) => "must contain only lowercase alphanumeric characters or hyphens",
        ['-', ..] or [.., '-'] => "must not start or end with a hyphen",
        _ when name.Contains("--", StringComparison.Ordinal) => "must not contain consecutive hyphens",
        _ => null,
    };
}
