using System.Net.Sockets;
using System.Threading.Channels;
using OpenShell.Driver.Vm.Helpers;
using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Launch;

/// <summary>
/// A QEMU process that this driver talks to, whether it started it or found it. Disposing detaches from it; only
/// <see cref="EndAsync"/> ends it.
/// </summary>
internal sealed class RunningMachine(
    ProcessIdentity process, QmpConnection monitor, HelperWatchdog? helper, SandboxLayout layout, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How long QEMU may take to end by itself after it was asked to.</summary>
    private static readonly TimeSpan QuitTimeout = TimeSpan.FromSeconds(1);

    public ProcessIdentity Process => process;

    /// <summary>Completes when QEMU closes its monitor, which is when it ends.</summary>
    public Task Ended => monitor.Ended;

    /// <summary>QEMU's events, until it ends.</summary>
    public ChannelReader<QmpNotice> Notices => monitor.Notices;

    /// <summary>Why it ended, in QEMU's word; null if it did not say.</summary>
    public string? ShutdownReason => monitor.ShutdownReason;

    /// <summary>Talks to a machine's QEMU.</summary>
    /// <param name="watchHelper">Begins to look after its helper; null: it has none.</param>
    /// <param name="timeout">How long its monitor may take to answer.</param>
    /// <returns>Null if its monitor does not answer in time.</returns>
    public static async Task<RunningMachine?> TryConnectAsync(
        ProcessIdentity process,
        Func<HelperWatchdog>? watchHelper,
        SandboxLayout layout,
        TimeSpan timeout,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            var monitor = await QmpConnection.ConnectAsync(layout.MonitorSocketPath, either.Token);
            return new RunningMachine(process, monitor, watchHelper?.Invoke(), layout, time);
        }
        catch (Exception e) when (e is IOException or SocketException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Whether QEMU has paused it because the host could not take a write.</summary>
    /// <exception cref="IOException">QEMU ended or does not answer.</exception>
    public async Task<bool> IsPausedByItsDiskAsync(CancellationToken cancellationToken) =>
        await monitor.QueryStatusAsync(cancellationToken) == "io-error";

    /// <summary>Lets a paused machine go on; the writes that failed are done again.</summary>
    /// <exception cref="IOException">QEMU ended or refuses.</exception>
    public Task ContinueAsync(CancellationToken cancellationToken) => monitor.ExecuteAsync("cont", cancellationToken);

    /// <summary>
    /// Ends it: asks the guest to power off, if it is given time for that; then asks QEMU to quit; then kills it.
    /// Returns when the process is gone.
    /// </summary>
    public async Task EndAsync(TimeSpan guestGrace)
    {
        if (guestGrace > TimeSpan.Zero && await AskGuestAsync() && await EndedWithinAsync(guestGrace))
        {
            return;
        }

        if (await AskQemuAsync() && await EndedWithinAsync(QuitTimeout))
        {
            return;
        }

        process.Kill();
        await EndedWithinAsync(QuitTimeout);
    }

    /// <summary>
    /// Waits for the process after its monitor has gone, and for its helper, so that its files are free and its console is
    /// whole; a stuck one is killed.
    /// </summary>
    public async Task ReapAsync()
    {
        if (!await process.WaitForEndAsync(QuitTimeout, time, CancellationToken.None))
        {
            process.Kill();
            await process.WaitForEndAsync(QuitTimeout, time, CancellationToken.None);
        }

        if (helper is not null)
        {
            await helper.FinishAsync(QuitTimeout);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (helper is not null)
        {
            await helper.DisposeAsync();
        }

        await monitor.DisposeAsync();
    }

    private async Task<bool> EndedWithinAsync(TimeSpan timeout) =>
        await process.WaitForEndAsync(timeout, time, CancellationToken.None);

    /// <summary>Writes the order to the guest's second serial port, where its supervisor reads.</summary>
    private async Task<bool> AskGuestAsync()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var timer = new CancellationTokenSource(QuitTimeout, time);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(layout.ControlSocketPath), timer.Token);
            await socket.SendAsync("poweroff\n"u8.ToArray(), timer.Token);

            // The port's buffer is a few bytes: the line may still be on its way, and is lost if the socket closes.
            await Task.WhenAny(process.WaitForEndAsync(TimeSpan.FromMilliseconds(250), time, CancellationToken.None));
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> AskQemuAsync()
    {
        using var timer = new CancellationTokenSource(QuitTimeout, time);
        try
        {
            await monitor.ExecuteAsync("quit", timer.Token);
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It may have ended instead of answering, which is what was wanted.
            return monitor.Ended.IsCompleted;
        }
    }
}
