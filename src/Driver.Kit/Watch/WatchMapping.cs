using Google.Protobuf.WellKnownTypes;
using OpenShell.Protocol.Compute.V1;

namespace OpenShell.Driver.Kit.Watch;

/// <summary>Events on the wire.</summary>
public static class WatchMapping
{
    /// <param name="source">What notices name as their source, such as "vm".</param>
    /// <param name="toSandbox">The driver's own sandbox as the contract has it.</param>
    public static WatchSandboxesEvent ToMessage(this DriverEvent driverEvent, string source, Func<SandboxChanged, DriverSandbox> toSandbox)
    {
        ArgumentNullException.ThrowIfNull(driverEvent);
        ArgumentNullException.ThrowIfNull(toSandbox);
        return driverEvent switch
        {
            SandboxChanged changed => new() { Sandbox = new() { Sandbox = toSandbox(changed) } },
            SandboxRemoved removed => new() { Deleted = new() { SandboxId = removed.SandboxId } },
            SandboxNotice notice => new() { PlatformEvent = new() { SandboxId = notice.SandboxId, Event = ToPlatformEvent(notice, source) } },
            _ => throw new ArgumentException($"There is no message for {driverEvent.GetType().Name}.", nameof(driverEvent)),
        };
    }

    private static DriverPlatformEvent ToPlatformEvent(SandboxNotice notice, string source)
    {
        var platformEvent = new DriverPlatformEvent
        {
            EventTime = Timestamp.FromDateTimeOffset(notice.Time),
            Source = source,
            Type = notice.IsWarning ? "Warning" : "Normal",
            Reason = notice.Reason,
            Message = notice.Message,
        };
        platformEvent.Metadata.Add(notice.Metadata.ToDictionary());
        return platformEvent;
    }
}
