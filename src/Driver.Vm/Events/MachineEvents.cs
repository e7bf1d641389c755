using OpenShell.Driver.Kit.Watch;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Events;

/// <summary>A machine is new or has changed.</summary>
internal sealed record MachineChanged(MachineSnapshot Snapshot) : SandboxChanged(Snapshot.Spec.Id, Snapshot.Version);

/// <summary>Publishes the steps of one machine. Reasons are API: displays and people search for them.</summary>
internal sealed class MachineNotices(string sandboxId, WatchHub hub, TimeProvider time)
{
    public void Scheduled() => Publish(
        "Scheduled", "The sandbox is accepted",
        (ProgressKeys.CompletedStep, "scheduled"),
        (ProgressKeys.Label, "Sandbox accepted"));

    public void ResolvingImage(string image) => Publish(
        "ResolvingImage", $"Looking for image {image}",
        (ProgressKeys.ActiveStep, "image"),
        (ProgressKeys.Label, $"Image {image}"));

    public void CacheHit() => Publish("CacheHit", "Image, kernel and initramfs are ready", (ProgressKeys.CompletedStep, "image"));

    public void CacheMiss() => Publish("CacheMiss", "The initramfs was made anew", (ProgressKeys.CompletedStep, "image"));

    public void PreparingOverlay(string size) => Publish(
        "PreparingOverlay", $"Making a disk of {size}",
        (ProgressKeys.ActiveStep, "disk"),
        (ProgressKeys.Label, $"Disk of {size}"));

    public void OverlayPrepared() => Publish(
        "OverlayPrepared", "The disk is ready",
        (ProgressKeys.CompletedStep, "disk"),
        (ProgressKeys.ActiveStep, "machine"),
        (ProgressKeys.Label, "Starting the machine"));

    public void AccelerationFallback(string reason) =>
        Warn("AccelerationFallback", $"{reason}; the machine is emulated in software, which is slower");

    public void Started() => Publish(
        "Started", "The machine runs; its supervisor will connect",
        (ProgressKeys.CompletedStep, "machine"),
        (ProgressKeys.ActiveStep, "supervisor"),
        (ProgressKeys.Label, "Waiting for the supervisor"));

    public void Stopped() => Publish("Stopped", "The machine is stopped; its disk is kept");

    public void HostDiskFull(string message) => Warn("HostDiskFull", message);

    public void HostDiskFreed() => Publish("HostDiskFreed", "The host's disk has room again; the machine goes on");

    public void HostDiskFailed(string reason) =>
        Warn("HostDiskFailed", $"The host refused a read or a write of the sandbox's disk: {reason}");

    public void Failed(string reason, string message) => Warn(reason, message);

    private void Publish(string reason, string message, params ReadOnlySpan<(string Key, string Value)> metadata)
    {
        var values = new Dictionary<string, string>();
        foreach (var (key, value) in metadata)
        {
            values[key] = value;
        }

        hub.Publish(new SandboxNotice(sandboxId, time.GetUtcNow(), IsWarning: false, reason, message, values));
    }

    private void Warn(string reason, string message) =>
        hub.Publish(new SandboxNotice(sandboxId, time.GetUtcNow(), IsWarning: true, reason, message, new Dictionary<string, string>()));
}
