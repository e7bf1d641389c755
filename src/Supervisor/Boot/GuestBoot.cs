using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Processes;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Logs;

namespace OpenShell.Supervisor.Boot;

/// <summary>From the first instruction of /init to a guest in which processes can run.</summary>
internal sealed class GuestBoot(SupervisorLog log)
{
    // Enough for any server; a user's own limit starts at 1024 and may be raised to this.
    private const ulong OpenFiles = 524_288;

    /// <summary>Boots. Every step is a line on the console.</summary>
    /// <exception cref="BootException">A step failed.</exception>
    public BootedGuest Run()
    {
        log.Milestone("started");
        Mounts.MountKernelFileSystems();
        ResourceLimits.RaiseOpenFiles(OpenFiles);
        log.Milestone("kernel file systems mounted");
        log.Milestone($"{KernelModules.Load()} modules loaded");
        var config = GuestConfigFile.Read(GuestConfigFile.FirmwarePath);
        GuestNetworkSetup.Apply(config.Network?.Address ?? "");
        log.Milestone("network up");
        var writable = config.Disks is { ImageSerial.Length: > 0 } disks ? RootFileSystem.Enter(disks) : null;
        HostIdentity.Apply(config.SandboxName);
        log.Milestone("root file system ready");
        return new BootedGuest(config, writable);
    }
}

/// <summary>What a boot leaves.</summary>
/// <param name="WritableLayer">The root directory of the writable layer; null without an image.</param>
internal sealed record BootedGuest(GuestConfig Config, FileDescriptor? WritableLayer);

/// <summary>The guest cannot come up.</summary>
internal sealed class BootException(string step, string error) : Exception($"{step}: {error}");
