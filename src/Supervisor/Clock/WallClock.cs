using OpenShell.Linux;
using OpenShell.Linux.Machine;

namespace OpenShell.Supervisor.Clock;

/// <summary>A clock that can be set: the machine's, or a test's.</summary>
internal interface IWallClock
{
    DateTimeOffset Now { get; }

    /// <summary>Moves it at once. Null, or why it could not be.</summary>
    string? Step(TimeSpan by);

    /// <summary>Lets it make up for so much by and by. Null, or why it could not be.</summary>
    string? Slew(TimeSpan by);
}

/// <summary>The clock of the machine that we are PID 1 of. Nobody else may have one of these: it would set the host's.</summary>
internal sealed class MachineClock : IWallClock
{
    private const long NanosecondsPerTick = 100;

    public DateTimeOffset Now => DateTimeOffset.UnixEpoch.AddTicks(SystemClock.Now() / NanosecondsPerTick);

    /// <inheritdoc/>
    public string? Step(TimeSpan by) => Text(SystemClock.Set(SystemClock.Now() + (by.Ticks * NanosecondsPerTick)));

    /// <inheritdoc/>
    public string? Slew(TimeSpan by) => Text(SystemClock.Slew(by));

    private static string? Text(int error) => error == 0 ? null : Errno.Text(error);
}
