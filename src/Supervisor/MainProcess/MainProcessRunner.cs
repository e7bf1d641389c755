using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.ProcessIO;

namespace OpenShell.Supervisor.MainProcess;

/// <summary>
/// The command that the sandbox was made for; without one, a login shell on a terminal. It runs once a boot, on a terminal or
/// pipes that are kept for clients that come and go; its end leaves the supervisor as it is.
/// </summary>
internal sealed class MainProcessRunner : IDisposable
{
    private const int RingBytes = 1024 * 1024;

    private readonly ProcessLauncher _launcher;
    private readonly IReadOnlyList<string> _command;
    private readonly SupervisorLog _log;
    private readonly TimeProvider _time;
    private readonly MainOutputLog _lines;
    private readonly TaskCompletionSource<RunningProcess?> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ExecExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="command">Empty: a login shell, on a terminal whatever <paramref name="terminal"/> says.</param>
    /// <param name="awaitsAttachment">Its creator will attach; see <see cref="MainProcessClients"/>.</param>
    public MainProcessRunner(
        ProcessLauncher launcher, IReadOnlyList<string> command, bool terminal, bool awaitsAttachment, SupervisorLog log, TimeProvider time)
    {
        _launcher = launcher;
        _command = command;
        _log = log;
        _time = time;
        HasTerminal = terminal || command.Count == 0;
        Owner = new InputOwner(time);
        Clients = new MainProcessClients(awaitsAttachment, time);
        _lines = new MainOutputLog(log.Outbox, HasTerminal, time);
    }

    /// <summary>Once it runs. Null: it did not start, and <see cref="Exited"/> says why. Disposed by this object only.</summary>
    public Task<RunningProcess?> Started => _started.Task;

    public bool HasTerminal { get; }

    /// <summary>What it writes.</summary>
    public OutputRing Output { get; } = new(RingBytes, RingBytes);

    /// <summary>Who is attached.</summary>
    public MainProcessClients Clients { get; }

    /// <summary>The client whose input it gets.</summary>
    public InputOwner Owner { get; }

    /// <summary>How it ended. All its output is in the ring then. Never faults.</summary>
    public Task<ExecExit> Exited => _exited.Task;

    /// <summary>
    /// Starts it, carries its output to its end and returns its code as shells give it. If <paramref name="stopping"/> or
    /// <paramref name="rejected"/> comes first it is ended.
    /// </summary>
    /// <param name="rejected">It must not run.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came before it was started.</exception>
    public async Task<int> RunAsync(CancellationToken stopping, CancellationToken rejected = default)
    {
        // On pipes there is no size to wait for, and what it writes is kept.
        var size = HasTerminal ? await Clients.FirstAsync(stopping) : default;
        if (!_launcher.Start(ToSpec(size)).Succeeded(out var process, out var failure))
        {
            var failed = ExecExits.From(failure);
            _log.Warn($"main process: {failed.Message}");
            _exited.SetResult(failed);
            _started.SetResult(null);
            return ExecExitCode.From(failed);
        }

        _started.SetResult(process);

        _log.Info($"main process started, pid {process.Pid}");
        using var drain = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        var outputs = Task.WhenAll(
            KeepAsync(process.Output, isError: false, drain.Token),
            process.Error is { } error ? KeepAsync(error, isError: true, drain.Token) : Task.CompletedTask);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, rejected);
        await WaitAsync(process, ending.Token);
        drain.CancelAfter(ProcessSession.DrainTime);
        await outputs;
        // Its background children may go on; what they write after this is not read.
        process.Dispose();
        Output.Complete();
        _lines.Complete();
        var exit = ExecExits.From(await process.Exited, timedOut: false);
        _exited.SetResult(exit);
        var code = ExecExitCode.From(exit);
        _log.Info($"main process ended with {code}");
        return code;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lines.Dispose();
        if (_started.Task is { IsCompletedSuccessfully: true, Result: { } process })
        {
            process.Dispose();
        }
    }

    // What nearly all terminals of its clients are is all that it can be.
    private ProcessSpec ToSpec(WindowSize size)
    {
        var terminal = HasTerminal ? new ProcessTerminal(size.Columns, size.Rows, "") { Modes = TerminalModes.Utf8.ToArray() } : null;
        return new ProcessSpec(_command, new Dictionary<string, string>(), "", "", terminal, LoginShell: _command.Count == 0);
    }

    private async Task WaitAsync(RunningProcess process, CancellationToken ending)
    {
        try
        {
            await process.Exited.WaitAsync(ending);
        }
        catch (OperationCanceledException)
        {
            await new ProcessTerminator(process, _time).EndAfterHangUpAsync();
            await process.Exited;
        }
    }

    private Task KeepAsync(PolledDescriptor output, bool isError, CancellationToken drain) =>
        new OutputPump(output, async (bytes, _) =>
        {
            await Owner.WaitForAsync(bytes.Length);
            Output.Write(bytes.Span, isError);
            _lines.Write(bytes.Span, isError);
        }).RunAsync(drain, CancellationToken.None);
}
