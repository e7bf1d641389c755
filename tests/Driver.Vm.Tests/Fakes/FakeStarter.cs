using OpenShell.Driver.Vm.Launch;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Processes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Fakes;

/// <summary>Starts fake QEMUs, when it is let and unless it is told to fail.</summary>
internal sealed class FakeStarter : IMachineStarter, IAsyncDisposable
{
    private readonly List<FakeQemu> _started = [];

    public TaskCompletionSource MayStart { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string? Failure { get; set; }

    /// <summary>The guests of the next machines do not power off.</summary>
    public bool GuestIgnoresOrders { get; set; }

    public List<MachineStart> Starts { get; } = [];

    public FakeQemu Last => _started[^1];

    public Task WarmUpAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<RunningMachine> StartAsync(MachineStart start, CancellationToken cancellationToken)
    {
        Starts.Add(start);
        await MayStart.Task.WaitAsync(cancellationToken);
        if (Failure is not null)
        {
            throw new IOException(Failure);
        }

        FakeDisk.Write(start.Layout.OverlayPath, start.Spec.Size.Disk.Bytes);
        var qemu = new FakeQemu(start.Layout, GuestIgnoresOrders);
        _started.Add(qemu);
        return (await RunningMachine.TryConnectAsync(qemu.Identity, null, start.Layout, Eventually.Timeout, TimeProvider.System, cancellationToken))!;
    }

    public Task<RunningMachine?> TryAdoptAsync(
        string sandboxId, ProcessIdentity process, SandboxLayout layout, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunningMachine.TryConnectAsync(process, null, layout, timeout, TimeProvider.System, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var qemu in _started)
        {
            await qemu.DisposeAsync();
        }
    }
}
