using System.Globalization;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Logs;

namespace OpenShell.Supervisor.Clock;

/// <summary>
/// Keeps the guest's clock at the gateway's, by the heartbeats of the session. A heartbeat carries when it was sent, by a
/// clock that nobody can set; the answer brings that back with the gateway's time, which is that of some moment in
/// between: right to half the round trip. What lies within that is left alone; a little more is slewed, so that time in the
/// guest never goes back for what the network did; more than that (somebody set the clock, the machine was paused) is
/// stepped.
/// </summary>
/// <param name="time">Measures round trips; its timestamps do not follow the clock that is kept.</param>
internal sealed class ClockSynchronizer(IWallClock clock, TimeProvider time, SupervisorLog log)
{
    /// <summary>What is further off is stepped. Slewing this much takes the kernel four minutes; NTP has the same.</summary>
    public static readonly TimeSpan LargestSlew = TimeSpan.FromMilliseconds(128);

    /// <summary>A heartbeat that was on its way for longer is too inexact for a step.</summary>
    public static readonly TimeSpan LongestRoundTrip = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(2);

    // A host whose own clock was never set: the guest's is no worse.
    private static readonly DateTimeOffset Earliest = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A heartbeat as it is sent now.</summary>
    public SupervisorHeartbeat NewHeartbeat() => new() { SentAt = time.GetTimestamp() };

    /// <summary>Looks at the answer to one of ours; others say nothing about the time on the way.</summary>
    public void Observe(GatewayHeartbeat answer)
    {
        if (!answer.HasTimeUs || !answer.HasAnswersSentAt || ToTime(answer.TimeUs) is not { } told)
        {
            return;
        }

        var roundTrip = time.GetElapsedTime(answer.AnswersSentAt);
        if (roundTrip < TimeSpan.Zero || roundTrip > LongestRoundTrip)
        {
            return;
        }

        var uncertainty = roundTrip / 2;
        Correct(told + uncertainty - clock.Now, uncertainty);
    }

    private static DateTimeOffset? ToTime(long microseconds)
    {
        var longest = (Latest - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        if (microseconds < 0 || microseconds > longest)
        {
            return null;
        }

        var told = DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        return told >= Earliest ? told : null;
    }

    private void Correct(TimeSpan offset, TimeSpan uncertainty)
    {
        if (offset.Duration() <= uncertainty + Slack)
        {
            return;
        }

        var steps = offset.Duration() > LargestSlew + uncertainty;
        var error = steps ? clock.Step(offset) : clock.Slew(offset);
        if (error is not null)
        {
            log.Warn($"the clock cannot be set: {error}");
        }
        else if (steps)
        {
            log.Info(string.Create(
                CultureInfo.InvariantCulture,
                $"the clock was {offset.Duration().TotalSeconds:F3} s {(offset > TimeSpan.Zero ? "behind" : "ahead")}; set by the gateway's"));
        }
    }
}
