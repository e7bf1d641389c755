using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Logs;

/// <summary>Lines for tests that do not care about most of them.</summary>
internal static class LogLines
{
    public static readonly DateTimeOffset Then = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static SandboxLogLine Create(
        string message = "hello", string level = LogLevels.Info, string source = LogSources.Gateway, int second = 0) =>
        new(Then.AddSeconds(second), level, "test", message, source, []);
}
