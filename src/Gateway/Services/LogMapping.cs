using Google.Protobuf.WellKnownTypes;
using OpenShell.Gateway.Logs;
using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Times;
using OpenShell.Protocol.Untrusted;
using WireLine = OpenShell.Protocol.V1.SandboxLogLine;

namespace OpenShell.Gateway.Services;

/// <summary>Between our log lines and the messages of the public API.</summary>
internal static class LogMapping
{
    private const int LongestQuote = 64;

    /// <param name="levelField">The field that <paramref name="minLevel"/> is of. Lines may have any level, filters not.</param>
    public static LogFilter ToFilter(Timestamp? since, IEnumerable<string> sources, string minLevel, string levelField) => new(
        WireTimes.Time("since_time", since),
        sources.Select(LogSources.Normalize).ToHashSet(StringComparer.Ordinal),
        minLevel.Length == 0 || LogLevels.IsKnown(minLevel)
            ? minLevel
            : throw GrpcErrors.InvalidField(
                levelField,
                $"{levelField} is ERROR, WARN, INFO, OCSF, DEBUG or TRACE, not '{HarmlessText.Line(minLevel, LongestQuote)}'"));

    /// <summary>How many lines were asked for; 0 is <paramref name="otherwise"/>.</summary>
    public static int ToCount(uint lines, int otherwise) => lines == 0 ? otherwise : (int)Math.Min(lines, int.MaxValue);

    public static WireLine ToMessage(this SandboxLogLine line, string sandboxId)
    {
        var message = new WireLine
        {
            SandboxId = sandboxId,
            EventTime = line.Time?.ToTimestamp(),
            Level = line.Level,
            Target = line.Target,
            Message = line.Message,
            Source = line.Source,
        };
        foreach (var (key, value) in line.Fields)
        {
            message.Fields.Add(key, value);
        }

        return message;
    }

    /// <summary>A line that a sandbox pushed: within bounds, and the sandbox's whatever it says.</summary>
    public static SandboxLogLine ToLine(this WireLine line) => new SandboxLogLine(
        line.EventTime?.TryToTime(out var time) == true ? time : null, line.Level, line.Target, line.Message, ToSource(line.Source), [.. line.Fields]).Harmless();

    // A sandbox does not speak for the gateway.
    private static string ToSource(string source) => source == LogSources.Main ? LogSources.Main : LogSources.Sandbox;
}
