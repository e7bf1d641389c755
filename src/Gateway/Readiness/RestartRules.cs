using System.Globalization;
using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Readiness;

/// <summary>When a sandbox whose main process or machine has ended is started again by its restart policy. Pure functions.</summary>
internal static class RestartRules
{
    private const string NextStart = "; the restart policy starts it again at ";

    /// <summary>
    /// The record as it is to be stored, with the next start if this change is an end that the policy covers. An end is one only
    /// where nobody has asked for it: out of a stop or a deletion nothing is started again.
    /// </summary>
    public static SandboxRecord Schedule(SandboxRecord before, SandboxRecord after, LifeOptions options, DateTimeOffset now)
    {
        if (!after.HasEnded)
        {
            return after.NextRestart is null ? after : after with { NextRestart = null };
        }

        if (before.HasEnded || before.Phase is SandboxPhase.Stopping or SandboxPhase.Stopped or SandboxPhase.Deleting || !Covers(after))
        {
            // A failure of another kind (its machine is gone, it could not be stopped) ends the loop.
            return after.NextRestart is null || Covers(after) ? after : after with { NextRestart = null };
        }

        return WithNextStart(after, WasStable(before, options, now) ? 0 : after.RestartCount, options, now);
    }

    /// <summary>The record with a later start after one that could not even begin, which counts; the same object if none is due.</summary>
    public static SandboxRecord Again(SandboxRecord record, LifeOptions options, DateTimeOffset now) =>
        record.NextRestart is null ? record : WithNextStart(record, record.RestartCount + 1, options, now);

    /// <summary>How long the start after so many others waits.</summary>
    public static TimeSpan Delay(int count, LifeOptions options)
    {
        // 2^30 of the shortest is beyond every longest.
        var delay = options.RestartDelay * Math.Pow(2, Math.Min(count, 30));
        return delay < options.MaxRestartDelay ? delay : options.MaxRestartDelay;
    }

    /// <summary>Whether it was READY for so long that its next end is not one of the loop.</summary>
    public static bool WasStable(SandboxRecord record, LifeOptions options, DateTimeOffset now) =>
        record.Phase != SandboxPhase.Starting && record.MainProcessStarted is { } since && now - since >= options.RestartReset;

    /// <summary>A condition's message without what <see cref="Schedule"/> has added.</summary>
    public static string WithoutNextStart(string message) =>
        message.IndexOf(NextStart, StringComparison.Ordinal) is >= 0 and var at ? message[..at] : message;

    private static SandboxRecord WithNextStart(SandboxRecord record, int count, LifeOptions options, DateTimeOffset now)
    {
        var next = now + Delay(count, options);
        var ready = record.Ready!;
        var at = next.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        return record.WithReady(ready.Status, ready.Reason, $"{WithoutNextStart(ready.Message)}{NextStart}{at}", now) with
        {
            RestartCount = count,
            NextRestart = next,
        };
    }

    private static bool Covers(SandboxRecord record) => record.RestartPolicy switch
    {
        SandboxRestartPolicy.Always => IsEnd(record),
        SandboxRestartPolicy.OnFailure => record.Phase == SandboxPhase.Error && IsEnd(record),
        _ => false,
    };

    // Of the process, or of the machine below it: who asks for the process to run means both.
    private static bool IsEnd(SandboxRecord record) => record.Ready is { } ready
        && (ready.Reason is SandboxCondition.MainProcessCompleted or SandboxCondition.MainProcessFailed || ReadinessRules.IsMachineEnd(ready.Reason));
}
