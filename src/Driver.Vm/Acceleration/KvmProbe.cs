using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Processes;
using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Quantities;

namespace OpenShell.Driver.Vm.Acceleration;

/// <summary>
/// Finds out whether a guest runs under KVM: there are hosts where /dev/kvm opens, a VM can be made, and its processor
/// then never executes anything. A kernel that says one word on its console has executed something.
/// </summary>
internal sealed class KvmProbe(QemuLauncher launcher, TimeProvider time)
{
    private static readonly TimeSpan FirstWordTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Boots a machine without disks, and ends it.</summary>
    /// <param name="scratchDirectory">An existing directory for the probe's files.</param>
    /// <returns>What went wrong; null if a guest ran.</returns>
    public async Task<string?> FindProblemAsync(string qemuPath, GuestKernel kernel, string scratchDirectory, CancellationToken cancellationToken)
    {
        var console = Path.Combine(scratchDirectory, "probe.log");
        File.Delete(console);
        var machine = new QemuMachine
        {
            Name = "openshell-kvm-probe",
            Accelerator = Accelerator.Kvm,
            VirtualCpus = 1,
            Memory = ByteCount.FromMebibytes(128),
            KernelPath = kernel.KernelPath,
            KernelArguments = ["console=ttyS0", "earlyprintk=ttyS0", "panic=-1", "reboot=t"],
            HasOwnNetwork = false,
            // Where KVM hangs QEMU spins for ever: not if this driver is killed meanwhile either.
            ProcessorSeconds = 20,
            PidFilePath = Path.Combine(scratchDirectory, "probe.pid"),
            Devices = [new ConsoleLog(console)],
        };
        try
        {
            // Its end comes with it.
            await using var qemu = await launcher.PrepareAsync(qemuPath, machine, cancellationToken);
            await qemu.ContinueAsync();
            return await HasSpokenAsync(qemu, console, cancellationToken) switch
            {
                true => null,
                _ when qemu.Exited.IsCompleted => await qemu.DescribeEndAsync(cancellationToken),
                _ => $"a guest under KVM executed nothing within {FirstWordTimeout.TotalSeconds:0} s, although {KvmDevice.Path} can be opened",
            };
        }
        catch (IOException e)
        {
            return e.Message;
        }
        finally
        {
            File.Delete(console);
            File.Delete(machine.PidFilePath);
        }
    }

    private async Task<bool> HasSpokenAsync(StartingProcess qemu, string console, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < FirstWordTimeout)
        {
            if (new FileInfo(console) is { Exists: true, Length: > 0 })
            {
                return true;
            }

            if (qemu.Exited.IsCompleted)
            {
                return false;
            }

            await Task.Delay(PollInterval, time, cancellationToken);
        }

        return false;
    }
}
