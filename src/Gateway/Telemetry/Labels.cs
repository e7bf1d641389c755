using System.Text.Json;

namespace OpenShell.Gateway.Telemetry;

/// <summary>Label values. Only what has few values may become one: never an id, a name or a message.</summary>
internal static class Labels
{
    /// <summary>A member of an enumeration in snake case.</summary>
    public static KeyValuePair<string, object?> Of<T>(string key, T value)
        where T : struct, Enum => new(key, JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

    /// <summary>A word out of a fixed set.</summary>
    public static KeyValuePair<string, object?> Of(string key, string value) => new(key, value);
}
