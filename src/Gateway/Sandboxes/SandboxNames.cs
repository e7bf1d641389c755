using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>Names of sandboxes: made up by us, or checked.</summary>
internal static partial class SandboxNames
{
    /// <summary>Longest name: it becomes a part of a host name beside two others.</summary>
    public const int MaxLength = 19;

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

    /// <summary>What is wrong with a name; null if nothing.</summary>
    public static string? Check(string name) => name switch
    {
        { Length: > MaxLength } => $"name '{name}' has {name.Length} characters; at most {MaxLength} are allowed",
        _ when !Label().IsMatch(name) || name.Contains("--", StringComparison.Ordinal) =>
            $"name '{name}' must consist of lower-case letters, digits and single dashes, and begin and end with a letter or digit",
        _ => null,
    };

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Label();
}
