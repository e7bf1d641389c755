using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Outcomes;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.ProcessIO;

namespace OpenShell.Supervisor.MainProcess;

/// <summary>
/// The command that the sandbox was made for. It runs once a boot, on a terminal or pipes that are kept for clients that
/// come and go; its end leaves the sandbox usable.
/// </summary>
internal sealed class MainProcessRunner : IDisposable
{
    private const int RingBytes = 1024 * 1024;

    private readonly SupervisorLog _log;
    private readonly TimeProvider _time;
    private readonly MainOutputLog _lines;
    private readonly TaskCompletionSource<ExecExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MainProcessRunner(Outcome<RunningProcess, LaunchFailure> launched, bool terminal, SupervisorLog log, TimeProvider time)
    {
        _log = log;
        _time = time;
        HasTerminal = terminal;
        Owner = new InputOwner(time);
        _lines = new MainOutputLog(log.Outbox, terminal, time);
        if (launched.Succeeded(out var process, out var failure))
        {
            Process = process;
        }
        else
        {
            _exited.SetResult(ExecExits.From(failure));
        }
    }

    /// <summary>Null: it did not start, and <see cref="Exited"/> says why. Disposed by this object only.</summary>
    public RunningProcess? Process { get; }

    public bool HasTerminal { get; }

    /// <summary>What it writes.</summary>
    public OutputRing Output { get; } = new(RingBytes, RingBytes);

    /// <summary>The client whose input it gets.</summary>
    public InputOwner Owner { get; }

    /// <summary>How it ended. All its output is in the ring then. Never faults.</summary>
    public Task<ExecExit> Exited => _exited.Task;

    /// <summary>Starts it.</summary>
    public static MainProcessRunner Start(
        ProcessLauncher launcher, IReadOnlyList<string> command, bool terminal, SupervisorLog log, TimeProvider time)
    {
        // It is there before any client, and has many: what nearly all their terminals are is all that it can be.
        var kind = terminal ? new ProcessTerminal(0, 0, "") { Modes = TerminalModes.Utf8.ToArray() } : null;
        var spec = new ProcessSpec(command, new Dictionary<string, string>(), "", "", kind, LoginShell: false);
        return new MainProcessRunner(launcher.Start(spec), terminal, log, time);
    }

    /// <summary>Carries its output to its end and returns its code as shells give it. If <paramref name="stopping"/> comes first it is ended.</summary>
    public async Task<int> RunAsync(CancellationToken stopping)
    {
        if (Process is not { } process)
        {
            var failed = await _exited.Task;
            _log.Warn($"main process: {failed.Message}");
            return ExecExitCode.From(failed);
        }

        _log.Info($"main process started, pid {process.Pid}");
        using var drain = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        var outputs = Task.WhenAll(
            KeepAsync(process.Output, isError: false, drain.Token),
            process.Error is { } error ? KeepAsync(error, isError: true, drain.Token) : Task.CompletedTask);
        await WaitAsync(process, stopping);
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
        Process?.Dispose();
    }

    private async Task WaitAsync(RunningProcess process, CancellationToken stopping)
    {
        try
        {
            await process.Exited.WaitAsync(stopping);
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
