using System.Globalization;
using System.Net.Sockets;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Helpers;
using OpenShell.Driver.Vm.Processes;
using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Launch;

/// <summary>Starts the two processes of a machine, QEMU and its helper, and takes them over.</summary>
/// <remarks>
/// 1. QEMU's process is there, in its namespaces, and waits: its number is written down before it may do anything, so a
///    driver that dies at any moment leaves nothing that the next one does not find.
/// 2. The helper enters those namespaces and listens; QEMU finds it there from its first moment.
/// 3. QEMU goes on. It is ready when its monitor answers, and has failed when it has ended before.
/// </remarks>
internal sealed class MachineLauncher(
    NetworkIsolation isolation, QemuLauncher launcher, HelperStarter helpers, HelperLog helperLog, TimeProvider time)
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(15);

    // What a start may lose by it: QEMU does not tell when its monitor listens.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    /// <summary>What machines are kept apart by.</summary>
    public NetworkIsolation Isolation => isolation;

    /// <summary>Starts a machine. If it throws, none is left running.</summary>
    /// <exception cref="IOException">It cannot be started; the message is for people.</exception>
    public async Task<RunningMachine> LaunchAsync(
        string qemu, QemuMachine machine, GuestImage image, MachineStart start, CancellationToken cancellationToken)
    {
        File.Delete(start.Layout.ConsolePath);
        using var timeout = new CancellationTokenSource(StartTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            GuestConfigFile.Write(start.Layout.GuestConfigPath, start.Spec, image, start.Token, start.InstanceId);
            return await LaunchAsync(qemu, machine, start, either.Token);
        }
        catch (Exception e)
        {
            // Whatever interrupted the start, no machine is left without a record.
            await OrphanProcesses.KillAsync(null, start.Layout, time);
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new IOException($"QEMU was not ready after {StartTimeout.TotalSeconds:0} s", e);
            }

            throw;
        }
        finally
        {
            File.Delete(start.Layout.GuestConfigPath);
        }
    }

    /// <summary>Takes over a machine that runs.</summary>
    /// <returns>Null if its monitor does not answer in time.</returns>
    public Task<RunningMachine?> TryConnectAsync(
        string sandboxId, ProcessIdentity process, SandboxLayout layout, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunningMachine.TryConnectAsync(process, () => WatchHelper(sandboxId, process, layout), layout, timeout, time, cancellationToken);

    private async Task<RunningMachine> LaunchAsync(string program, QemuMachine machine, MachineStart start, CancellationToken cancellationToken)
    {
        var (id, layout) = (start.Spec.Id, start.Layout);
        await using var qemu = await launcher.PrepareAsync(program, machine, cancellationToken);
        var process = qemu.Identity ?? throw new IOException("QEMU ended before it had started");
        await File.WriteAllTextAsync(layout.PidFilePath, string.Create(CultureInfo.InvariantCulture, $"{process.ProcessId}\n"), cancellationToken);
        using (await helpers.StartAsync(id, process, layout, cancellationToken))
        {
            await qemu.ContinueAsync();
            var monitor = await ConnectAsync(qemu, layout, cancellationToken);
            qemu.Detach();
            return new RunningMachine(process, monitor, WatchHelper(id, process, layout), layout, time);
        }
    }

    private async Task<QmpConnection> ConnectAsync(StartingProcess qemu, SandboxLayout layout, CancellationToken cancellationToken)
    {
        while (!qemu.Exited.IsCompleted)
        {
            try
            {
                return await QmpConnection.ConnectAsync(layout.MonitorSocketPath, cancellationToken);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // It does not listen yet, or is about to end.
                await Task.Delay(PollInterval, time, cancellationToken);
            }
        }

        throw new IOException(await qemu.DescribeEndAsync(cancellationToken));
    }

    private HelperWatchdog WatchHelper(string sandboxId, ProcessIdentity qemu, SandboxLayout layout) =>
        new(sandboxId, qemu, layout, helpers, helperLog, time);
}
