// One of the two projects has some of these for all its files.
#pragma warning disable IDE0005
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Logging;

/// <summary>
/// One line for each message, on standard error: <c>TIME level: Category[id] message</c>. Every word goes through
/// <see cref="HarmlessText"/> here, at the one way out, so that no message can forget it: a guest that calls itself
/// "1.0\n fail: …" forges no line.
/// </summary>
internal sealed class HarmlessConsoleFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    /// <summary>For <see cref="ConsoleLoggerOptions.FormatterName"/>.</summary>
    public const string FormatterName = "harmless";

    // The stack of a defect has to fit.
    private const int Longest = 32 * 1024;

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (string.IsNullOrEmpty(message) && logEntry.Exception is null)
        {
            return;
        }

        var exception = logEntry.Exception is { } e ? $" {e}" : "";
        var line = string.Create(CultureInfo.InvariantCulture, $"{logEntry.Category}[{logEntry.EventId.Id}] {message}{exception}");
        textWriter.Write(time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        textWriter.Write($" {LevelName(logEntry.LogLevel)}: ");
        textWriter.Write(HarmlessText.Line(line, Longest));
        textWriter.Write('\n');
    }

    private static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
