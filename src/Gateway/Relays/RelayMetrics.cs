using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Telemetry;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Relays;

/// <summary>
/// Counts of relays; docs/metrics.md. Every relay that is opened ends up claimed, refused, timed out or abandoned.
/// Nothing here is called per frame: the bytes of a relay are added once, when it is over.
/// </summary>
internal static class RelayMetrics
{
    private const string Target = "target";
    private const string Reason = "reason";
    private const string Direction = "direction";

    private static readonly Counter<long> OpenedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.relays.opened", "{relay}", "Relays that somebody asked for");

    private static readonly Counter<long> ClaimedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.relays.claimed", "{relay}", "Relays that came up");

    private static readonly Counter<long> RefusedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.relays.refused", "{relay}", "Relays that did not come up, by why");

    private static readonly Counter<long> TimedOutCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.relays.timed_out", "{relay}", "Relays that no supervisor claimed in time");

    private static readonly Counter<long> AbandonedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.relays.abandoned", "{relay}", "Relays whose caller went away before they came up");

    private static readonly Counter<long> ClaimRefusedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.relays.claims.refused", "{claim}", "Claims by supervisors that were refused");

    private static readonly Counter<long> Bytes = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.relays.io", "By", "Bytes that relays carried, added when a relay is over");

    private static readonly Histogram<double> OpenDuration = GatewayTelemetry.Durations(
        "openshell.relays.open.duration",
        "Time until a relay came up, with the wait for a session",
        [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]);

    private static readonly Histogram<double> Duration = GatewayTelemetry.Durations(
        "openshell.relays.duration",
        "Time from the claim of a relay to its end",
        [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800, 3600, 14400, 86400]);

    /// <summary>Somebody asks for a relay. The activity is null if nobody traces.</summary>
    public static Activity? Opening(string sandboxId, RelayTarget target)
    {
        OpenedCount.Add(1, Labels.Of(Target, target.Kind));
        return GatewayTelemetry.Activities.StartActivity("relay.open")?
            .SetTag("openshell.sandbox.id", sandboxId)
            .SetTag("openshell.relay.target", target.Kind);
    }

    public static void Claimed(RelayTarget target, TimeSpan elapsed)
    {
        ClaimedCount.Add(1, Labels.Of(Target, target.Kind));
        OpenDuration.Record(elapsed.TotalSeconds, Labels.Of(Target, target.Kind));
    }

    /// <summary>It did not come up.</summary>
    /// <param name="noSession">There was no session to send it to.</param>
    public static void NotOpened(Failure failure, bool noSession, Activity? activity)
    {
        activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
        if (failure.Kind == FailureKind.DeadlineExceeded)
        {
            TimedOutCount.Add(1);
            return;
        }

        RefusedCount.Add(1, Labels.Of(Reason, failure.Kind switch
        {
            _ when noSession => "no_session",
            FailureKind.ResourceExhausted => "limit",
            _ => "supervisor",
        }));
    }

    public static void Abandoned() => AbandonedCount.Add(1);

    public static void ClaimRefused(ClaimOutcome outcome) => ClaimRefusedCount.Add(1, Labels.Of(Reason, outcome));

    public static void Closed(RelayTarget target, TimeSpan duration, long bytesToSandbox, long bytesFromSandbox)
    {
        Duration.Record(duration.TotalSeconds, Labels.Of(Target, target.Kind));
        Bytes.Add(bytesToSandbox, Labels.Of(Direction, "to_sandbox"));
        Bytes.Add(bytesFromSandbox, Labels.Of(Direction, "from_sandbox"));
    }
}
