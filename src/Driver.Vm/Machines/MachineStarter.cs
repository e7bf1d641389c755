using OpenShell.Driver.Vm.Acceleration;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Native;
using OpenShell.Driver.Vm.Qemu;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>Takes a sandbox from its record to a running QEMU.</summary>
internal sealed class MachineStarter(
    DriverOptions options, GuestFiles guest, AccelerationResolver acceleration, QemuLauncher launcher, MachineLog log, TimeProvider time) : IMachineStarter
{
    private static readonly TimeSpan MonitorTimeout = TimeSpan.FromSeconds(5);

    private readonly Lazy<Task<long?>> _counterKilohertz = new(() => TimestampCounter.MeasureKilohertzAsync(time, CancellationToken.None));

    /// <inheritdoc/>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
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

        var machine = Describe(start, decision.Accelerator, kernel, initramfs.Path, image.Path, await _counterKilohertz.Value);
        var running = await LaunchAsync(qemu, machine, image, start, cancellationToken);
        log.Launched(start.Spec.Id, decision.Accelerator == Accelerator.Kvm ? "kvm" : "tcg");
        return running;
    }

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
        MachineStart start, Accelerator accelerator, GuestKernel kernel, string initramfs, string image, long? counterKilohertz) => new()
        {
            Name = "openshell-" + start.Spec.Id,
            Accelerator = accelerator,
            VirtualCpus = start.Spec.Size.VirtualCpus,
            Memory = start.Spec.Size.Memory,
            KernelPath = kernel.KernelPath,
            InitramfsPath = initramfs,
            KernelArguments = KernelArguments.Build(accelerator, counterKilohertz),
            PidFilePath = start.Layout.PidFilePath,
            Devices =
            [
                new ConsoleLog(start.Layout.ConsolePath),
                new ControlPort(start.Layout.ControlSocketPath),
                new MonitorSocket(start.Layout.MonitorSocketPath),
                new FirmwareFile(GuestConfigFile.FirmwareName, start.Layout.GuestConfigPath),
                new VirtioDisk(GuestConfigFile.ImageSerial, image, ReadOnly: true),
                new VirtioDisk(GuestConfigFile.OverlaySerial, start.Layout.OverlayPath, ReadOnly: false),
                new RestrictedNetwork(GuestConfigFile.GatewayAddress, [options.SupervisorPath, "uplink", options.SupervisorEndpoint.Text]),
            ],
        };

    private async Task<RunningMachine> LaunchAsync(
        string qemu, QemuMachine machine, GuestImage image, MachineStart start, CancellationToken cancellationToken)
    {
        File.Delete(start.Layout.ConsolePath);
        try
        {
            GuestConfigFile.Write(start.Layout.GuestConfigPath, start.Spec, image, start.Token, start.InstanceId);
            var launch = await launcher.LaunchAsync(qemu, machine, cancellationToken);
            if (launch.Process is null)
            {
                throw new IOException(launch.Error);
            }

            return await RunningMachine.TryConnectAsync(launch.Process, start.Layout, MonitorTimeout, time, cancellationToken)
                ?? throw new IOException("QEMU started, but its monitor does not answer");
        }
        catch
        {
            // Whatever interrupted the start, no machine is left that nobody knows.
            await Leftovers.KillAsync(null, start.Layout, time);
            throw;
        }
        finally
        {
            File.Delete(start.Layout.GuestConfigPath);
        }
    }
}
