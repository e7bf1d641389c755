using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Helpers;

/// <summary>
/// Restarts the helper of a running machine: one that ends before its QEMU is replaced, and the guest's supervisor then
/// connects anew. Owned by the machine's RunningMachine.
/// </summary>
internal sealed class HelperWatchdog : IAsyncDisposable
{
    // Soon, because the guest has no uplink meanwhile; later and later, because one that ends at once would end again.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly string _sandboxId;
    private readonly ProcessIdentity _qemu;
    private readonly SandboxLayout _layout;
    private readonly HelperStarter _starter;
    private readonly HelperLog _log;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    public HelperWatchdog(string sandboxId, ProcessIdentity qemu, SandboxLayout layout, HelperStarter starter, HelperLog log, TimeProvider time)
    {
        (_sandboxId, _qemu, _layout, _starter, _log, _time) = (sandboxId, qemu, layout, starter, log, time);
        _loop = RunAsync(_stopping.Token);
    }

    /// <summary>After the machine's end: returns when its console is written and nothing of it runs any more.</summary>
    public async Task FinishAsync(TimeSpan timeout)
    {
        await StopAsync();
        if (MachineHelper.TryConnect(_layout) is { } helper)
        {
            using (helper)
            {
                await helper.EndAsync(timeout, _time);
            }
        }
    }

    /// <summary>Detaches from it; it runs on.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        // The machine's owner goes on meanwhile.
        await Task.Yield();
        var delay = FirstDelay;
        try
        {
            while (_qemu.IsAlive())
            {
                try
                {
                    using var helper = MachineHelper.TryConnect(_layout) ?? await _starter.StartAsync(_sandboxId, _qemu, _layout, stopping);
                    delay = FirstDelay;
                    await helper.Ended.WaitAsync(stopping);
                    if (_qemu.IsAlive())
                    {
                        _log.Ended(_sandboxId);
                        await Task.Delay(delay, _time, stopping);
                    }
                }
                catch (IOException e) when (_qemu.IsAlive())
                {
                    _log.Missing(_sandboxId, delay, e.Message);
                    await Task.Delay(delay, _time, stopping);
                    delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
                }
                catch (IOException)
                {
                    // There is nothing any more that it could help.
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The driver detached from the machine, or it has ended.
        }
    }
}
