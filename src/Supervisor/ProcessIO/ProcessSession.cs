using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.ProcessIO;

/// <summary>
/// A process and its caller, from the started frame to the exit frame:
/// <list type="number">
/// <item>Input and outputs flow until the process ends, its time is up, or the caller goes.</item>
/// <item>If its time is up or the caller goes, its process group is terminated.</item>
/// <item>After its end, what is in the pipes goes out; background children that hold them open get half a second.</item>
/// <item>The exit frame goes out, last.</item>
/// <item>The caller closes; survivors of a terminated group are killed when their grace is over.</item>
/// </list>
/// </summary>
internal sealed class ProcessSession(RunningProcess process, IExecFrames channel, TimeProvider time) : IDisposable
{
    /// <summary>How long what a background child goes on writing is still carried.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long is waited for the caller to close after the exit frame, which it does at once. To close first could cost it
    /// frames that are on their way.
    /// </summary>
    public static readonly TimeSpan CloseWait = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _drain = new(Timeout.InfiniteTimeSpan, time);
    private bool _timedOut;

    /// <summary>Starts a process and carries it to its end.</summary>
    /// <returns>The exit frame that is still to be sent, because it did not start; null: it has been sent.</returns>
    /// <exception cref="OperationCanceledException">The relay was closed; the process has been ended.</exception>
    public static async Task<ExecExit?> StartAndRunAsync(
        ProcessLauncher launcher,
        ProcessSpec spec,
        IExecFrames channel,
        TimeProvider time,
        TimeSpan? timeLimit,
        Func<ValueTask> completeWrites,
        CancellationToken closed)
    {
        if (!launcher.Start(spec).Succeeded(out var process, out var failure))
        {
            return ExecExits.From(failure);
        }

        using (process)
        {
            using var session = new ProcessSession(process, channel, time);
            await session.RunAsync(timeLimit, completeWrites, closed);
            return null;
        }
    }

    /// <summary>Runs to the end. If the caller goes, the process has been ended when this returns.</summary>
    /// <exception cref="OperationCanceledException">The relay was closed; the process has been ended.</exception>
    public async Task RunAsync(TimeSpan? timeLimit, Func<ValueTask> completeWrites, CancellationToken closed)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(closed);
        using var inputEnd = CancellationTokenSource.CreateLinkedTokenSource(gone.Token);
        var outputs = PumpOutputsAsync(gone);
        var input = new ExecInput(process, channel, isDropped: false).RunAsync(gone, inputEnd.Token);

        var terminating = await WaitForEndAsync(timeLimit, gone.Token);
        _drain.CancelAfter(DrainTime);
        await outputs;
        if (!gone.IsCancellationRequested)
        {
            await SendExitAsync(completeWrites, gone.Token);
        }

        inputEnd.CancelAfter(CloseWait);
        await input;
        await terminating;
        closed.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public void Dispose() => _drain.Dispose();

    private async Task SendExitAsync(Func<ValueTask> completeWrites, CancellationToken gone)
    {
        await channel.WriteAsync(ExecFrameType.Exit, ExecExits.From(await process.Exited, _timedOut, process.InputTaken), gone);
        await completeWrites();
    }

    /// <returns>Once the process has ended: the termination of its group, which may still be going on.</returns>
    private async Task<Task> WaitForEndAsync(TimeSpan? timeLimit, CancellationToken gone)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(gone);
        using var clock = timeLimit is { } duration ? new CancellationTokenSource(duration, time) : new CancellationTokenSource();
        await using var registration = clock.Token.Register(limit.Cancel);
        try
        {
            await process.Exited.WaitAsync(limit.Token);
            return Task.CompletedTask;
        }
        catch (OperationCanceledException)
        {
            _timedOut = !gone.IsCancellationRequested;
        }

        var terminator = new ProcessTerminator(process, time);
        var terminating = _timedOut ? terminator.EndAfterTimeoutAsync() : terminator.EndAfterHangUpAsync();
        await process.Exited;
        return terminating;
    }

    private async Task PumpOutputsAsync(CancellationTokenSource gone)
    {
        try
        {
            await channel.WriteAsync(ExecFrameType.Started, new ExecStarted { Pid = process.Pid }, gone.Token);
            await Task.WhenAll(
                PumpAsync(process.Output, ExecFrameType.Stdout, gone.Token),
                process.Error is { } error ? PumpAsync(error, ExecFrameType.Stderr, gone.Token) : Task.CompletedTask);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            await gone.CancelAsync();
        }
    }

    private Task PumpAsync(PolledDescriptor output, ExecFrameType type, CancellationToken gone) =>
        new OutputPump(output, (bytes, token) => channel.WriteAsync(type, bytes, token)).RunAsync(_drain.Token, gone);
}
