using System.Text.Json.Nodes;

namespace OpenShell.Cli.Output;

/// <summary>Maps of labels and annotations, ordered by key.</summary>
internal static class Labels
{
    public static JsonObject Document(IEnumerable<KeyValuePair<string, string>> map) =>
        new(Ordered(map).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    /// <summary><c>a=1, b=2</c></summary>
    public static string Text(IEnumerable<KeyValuePair<string, string>> map) =>
        string.Join(", ", Ordered(map).Select(pair => $"{pair.Key}={pair.Value}"));

    private static IOrderedEnumerable<KeyValuePair<string, string>> Ordered(IEnumerable<KeyValuePair<string, string>> map) =>
        map.OrderBy(pair => pair.Key, StringComparer.Ordinal);
}
