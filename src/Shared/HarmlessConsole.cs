// One of the two projects has some of these for all its files.
#pragma warning disable IDE0005
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace OpenShell.Logging;

/// <summary>The log of a daemon.</summary>
internal static class HarmlessConsole
{
    /// <summary>Everything to standard error by <see cref="HarmlessConsoleFormatter"/>.</summary>
    public static ILoggingBuilder AddHarmlessConsole(this ILoggingBuilder logging)
    {
        logging.Services.TryAddSingleton(TimeProvider.System);
        logging.AddConsole(console =>
        {
            console.FormatterName = HarmlessConsoleFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        logging.Services.AddSingleton<ConsoleFormatter, HarmlessConsoleFormatter>();
        return logging;
    }
}
