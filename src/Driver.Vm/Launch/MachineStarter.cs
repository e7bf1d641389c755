using System.Globalization;
using OpenShell.Driver.Vm.Acceleration;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Machine;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Launch;

/// <summary>Takes a sandbox from its record to a running QEMU.</summary>
internal sealed class MachineStarter(
    DriverOptions options, GuestFiles guest, AccelerationResolver acceleration, MachineLauncher launcher, LaunchLog log, TimeProvider time)
    : IMachineStarter
{
    private readonly Lazy<Task<long?>> _counterKilohertz = new(() => TimestampCounter.MeasureKilohertzAsync(time, CancellationToken.None));

    /// <inheritdoc/>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        await launcher.Isolation.GetProblemAsync();
        var kernel = await guest.Kernels.GetAsync(cancellationToken);
        await guest.Initramfs.GetAsync(kernel, cancellationToken);
        await _counterKilohertz.Value;
        if (QemuInstallation.Find(options.SearchPath) is { } qemu)
        {
            await acceleration.ResolveAsync(qemu, kernel, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<RunningMachine> StartAsync(MachineStart start, CancellationToken cancellationToken)
    {
        start.Notices.ResolvingImage(start.Spec.Image);
        var qemu = QemuInstallation.Find(options.SearchPath) ?? throw new IOException(QemuInstallation.MissingMessage);
        var image = guest.Images.Find(start.Spec.Image) ?? throw new IOException($"image '{start.Spec.Image}' does not exist any more");
        var kernel = await guest.Kernels.GetAsync(cancellationToken);
        var initramfs = await guest.Initramfs.GetAsync(kernel, cancellationToken);
        if (initramfs.WasThere)
        {
            start.Notices.CacheHit();
        }
        else
        {
            start.Notices.CacheMiss();
        }

        await PrepareDiskAsync(start, cancellationToken);
        var decision = await acceleration.ResolveAsync(qemu, kernel, cancellationToken);
        if (decision.FallbackReason is { } reason)
        {
            start.Notices.AccelerationFallback(reason);
        }

        var isolated = await launcher.Isolation.GetProblemAsync() is null;
        var machine = Describe(start, decision.Accelerator, isolated, kernel, initramfs.Path, image.Path, await _counterKilohertz.Value);
        var running = await launcher.LaunchAsync(qemu, machine, image, start, cancellationToken);
        log.Launched(start.Spec.Id, decision.Accelerator == Accelerator.Kvm ? "kvm" : "tcg");
        return running;
    }

    /// <inheritdoc/>
    public Task<RunningMachine?> TryAdoptAsync(
        string sandboxId, ProcessIdentity process, SandboxLayout layout, TimeSpan timeout, CancellationToken cancellationToken) =>
        launcher.TryConnectAsync(sandboxId, process, layout, timeout, cancellationToken);

    private async Task PrepareDiskAsync(MachineStart start, CancellationToken cancellationToken)
    {
        if (!start.IsFirst)
        {
            return;
        }

        start.Notices.PreparingOverlay(start.Spec.Size.Disk.ToString());
        await guest.Overlay.CreateAsync(start.Layout.OverlayPath, start.Spec.Size.Disk, cancellationToken);
        start.Notices.OverlayPrepared();
    }

    private QemuMachine Describe(
        MachineStart start, Accelerator accelerator, bool isolated, GuestKernel kernel, string initramfs, string image, long? counterKilohertz) => new()
        {
            Name = "openshell-" + start.Spec.Id,
            Accelerator = accelerator,
            VirtualCpus = start.Spec.Size.VirtualCpus,
            Memory = start.Spec.Size.Memory,
            KernelPath = kernel.KernelPath,
            InitramfsPath = initramfs,
            KernelArguments = KernelArguments.Build(accelerator, counterKilohertz),
            HasOwnNetwork = isolated,
            PidFilePath = start.Layout.PidFilePath,
            Devices =
            [
                new ConsoleSocket(start.Layout.ConsoleSocketPath),
                new ControlPort(start.Layout.ControlSocketPath),
                new MonitorSocket(start.Layout.MonitorSocketPath),
                new FirmwareFile(GuestConfigFile.FirmwareName, start.Layout.GuestConfigPath),
                new VirtioDisk(GuestConfigFile.ImageSerial, image, ReadOnly: true),
                new VirtioDisk(GuestConfigFile.OverlaySerial, start.Layout.OverlayPath, ReadOnly: false),
                isolated
                    ? new UplinkNetwork(GuestConfigFile.GatewayHost)
                    : new RestrictedNetwork(
                        string.Create(CultureInfo.InvariantCulture, $"{GuestConfigFile.GatewayHost}:{GuestConfigFile.GatewayPort}"),
                        [options.SupervisorPath, "uplink", options.SupervisorEndpoint.Text]),
            ],
        };
}
