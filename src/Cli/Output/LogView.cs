using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using OpenShell.Protocol.Logs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Output;

/// <summary>A log line for people and for programs.</summary>
internal static class LogView
{
    /// <summary><c>[epoch.millis] [source] [LEVEL] [target] message k=v</c>, the keys in order.</summary>
    public static string Line(SandboxLogLine line)
    {
        StringBuilder text = new();
        (long seconds, long milliseconds) = Math.DivRem(line.TimestampMs, 1000);
        text.Append(CultureInfo.InvariantCulture, $"[{seconds}.{Math.Abs(milliseconds):D3}] [{LogSources.Normalize(line.Source)}] [{line.Level}] [{line.Target}] {line.Message}");
        foreach ((string key, string value) in line.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            text.Append(' ').Append(key).Append('=').Append(Quoted(value));
        }

        return SafeText.OneLine(text.ToString());
    }

    public static JsonObject Document(SandboxLogLine line)
    {
        JsonObject fields = [];
        foreach ((string key, string value) in line.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            fields.Add(key, value);
        }

        return new JsonObject
        {
            ["timestamp_ms"] = line.TimestampMs,
            ["source"] = LogSources.Normalize(line.Source),
            ["level"] = line.Level,
            ["target"] = line.Target,
            ["message"] = line.Message,
            ["fields"] = fields,
        };
    }

    private static string Quoted(string value) =>
        value.Length > 0 && !value.AsSpan().ContainsAny(" \"=") ? value : $"\"{value.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
