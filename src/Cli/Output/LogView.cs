using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using OpenShell.Cli.Text;
using OpenShell.Protocol.Logs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Output;

/// <summary>A log line for people and for programs.</summary>
internal static class LogView
{
    /// <summary><c>[2026-01-31 23:59:59.123] [source] [LEVEL] [target] message k=v</c>, the keys in order.</summary>
    /// <param name="zone">Of the reader.</param>
    public static string Line(SandboxLogLine line, TimeZoneInfo zone)
    {
        var text = new StringBuilder();
        var time = TimeZoneInfo.ConvertTime(TimeText.Of(line.EventTime), zone);
        text.Append(
            CultureInfo.InvariantCulture,
            $"[{time:yyyy-MM-dd HH:mm:ss.fff}] [{LogSources.Normalize(line.Source)}] [{line.Level}] [{line.Target}] {line.Message}");
        foreach ((var key, var value) in line.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            text.Append(' ').Append(key).Append('=').Append(Quoted(value));
        }

        return SafeText.OneLine(text.ToString());
    }

    public static JsonObject Document(SandboxLogLine line)
    {
        JsonObject fields = [];
        foreach ((var key, var value) in line.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            fields.Add(key, value);
        }

        return new JsonObject
        {
            ["time"] = TimeText.Exact(line.EventTime),
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
