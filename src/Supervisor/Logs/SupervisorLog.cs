using System.Text;
using OpenShell.Linux.Descriptors;
using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Supervisor.Logs;

/// <summary>Lines on standard error, which in a guest is the console, and for the gateway. Never secrets, arguments or environments.</summary>
internal sealed class SupervisorLog
{
    private static readonly FileDescriptor StandardError = new(2);

    /// <summary>Less important messages are left out.</summary>
    public SupervisorLogLevel Level { get; set; } = SupervisorLogLevel.Info;

    /// <summary>What waits to be pushed to the gateway.</summary>
    public LogOutbox Outbox { get; } = new(TimeProvider.System);

    /// <summary>The level of a configuration; what is none is info.</summary>
    public static SupervisorLogLevel ParseLevel(string name) =>
        Enum.TryParse<SupervisorLogLevel>(name, ignoreCase: true, out var level) && Enum.IsDefined(level)
            ? level
            : SupervisorLogLevel.Info;

    /// <summary>A step of the boot, with the seconds since the kernel started.</summary>
    public void Milestone(string what)
    {
        if (Level <= SupervisorLogLevel.Info)
        {
            Write($"[{Environment.TickCount64 / 1000.0,6:F2}] {what}");
            Outbox.Add(LogLevels.Info, what);
        }
    }

    public void Debug(string message) => Write(SupervisorLogLevel.Debug, message);

    public void Info(string message) => Write(SupervisorLogLevel.Info, message);

    public void Warn(string message) => Write(SupervisorLogLevel.Warn, message);

    public void Error(string message) => Write(SupervisorLogLevel.Error, message);

    /// <summary>A session or a relay was opened, ended or failed. The console, which may be slow, gets only what failed.</summary>
    public void Network(NetworkActivity activity)
    {
        var level = activity.Kind == NetworkActivityKind.Fail ? SupervisorLogLevel.Info : SupervisorLogLevel.Debug;
        if (level >= Level)
        {
            Write($"{activity.Message} ({activity.Id})");
        }

        if (SupervisorLogLevel.Info >= Level)
        {
            Outbox.Add(activity);
        }
    }

    private void Write(SupervisorLogLevel level, string message)
    {
        if (level >= Level)
        {
            Write(message);
            Outbox.Add(level.ToString().ToUpperInvariant(), message);
        }
    }

    // One write, so that lines of different threads do not mix. A console that cannot be written to must not fail the caller.
    private static void Write(string message) =>
        _ = DescriptorIo.TryWrite(StandardError, Encoding.UTF8.GetBytes($"openshell-supervisor: {HarmlessText.Line(message)}\n"));
}

/// <summary>Importance of a message; the names are those of the configuration.</summary>
internal enum SupervisorLogLevel
{
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}
