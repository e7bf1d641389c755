using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;
using OpenShell.Supervisor.Files;
using OpenShell.Supervisor.Login;
using OpenShell.Supervisor.MainProcess;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.ProcessIO;

namespace OpenShell.Supervisor.Exec;

/// <summary>
/// The relay target "exec": one process, or one client of the main process, for one relay, in the frames of exec.proto.
/// </summary>
internal sealed class ExecRelay(
    ProcessLauncher launcher, MainProcessRunner main, DetachedProcesses detached, LoginEnvironments logins, TimeProvider time)
{
    /// <summary>Reads the start frame, runs the process, answers with its end. The relay stays the caller's to dispose.</summary>
    /// <exception cref="IOException">The relay broke before the process was started.</exception>
    /// <exception cref="OperationCanceledException">The relay was closed or reset; no process of it is left running but detached ones.</exception>
    public async Task RunAsync(RelayConnection relay, CancellationToken closed)
    {
        // A process that reads no input holds up the reading of the relay, which would tell that the caller has gone.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(closed, relay.Broken);
        using var channel = new ExecChannel(relay);
        var last = await ExecRequestReader.ReadAsync(channel, over.Token) switch
        {
            { Failure: { } failure } => ExecExits.From(failure),
            { Start: { Subsystem.Length: > 0 } start } => await StartSubsystemAsync(start, relay, channel, over.Token),
            { Attach: { } attach } => await AttachAsync(attach, relay, channel, over.Token),
            { Start: { Detached: true } start } => await StartDetachedAsync(start, channel, over.Token),
            var request => await StartAsync(request.Start!, relay, channel, over.Token),
        };

        if (last is not null)
        {
            await channel.WriteAsync(ExecFrameType.Exit, last, over.Token);
            await relay.CompleteWritesAsync(over.Token);
            await DiscardInputAsync(channel, over.Token);
        }
    }

    // Each of these gives the exit frame that is still to be sent, if there is one.
    private async Task<ExecExit?> StartSubsystemAsync(ExecStart start, RelayConnection relay, ExecChannel channel, CancellationToken closed)
    {
        if (FindSubsystem(start.Subsystem) is not { } program)
        {
            return ExecExits.From(new LaunchFailure(LaunchFailureKind.NotFound, $"the sandbox has no subsystem '{start.Subsystem}'"));
        }

        start.Argv.Clear();
        start.Argv.Add(program.Argv);
        return await StartAsync(start, relay, channel, closed);
    }

    private static ExecStart? FindSubsystem(string name) => name switch
    {
        SftpProgram.Subsystem => SftpProgram.Find(),
        FilesCommand.Subsystem => new ExecStart { Argv = { FilesCommand.Program, FilesCommand.Subsystem } },
        _ => null,
    };

    private async Task<ExecExit?> StartAsync(ExecStart start, RelayConnection relay, ExecChannel channel, CancellationToken closed)
    {
        var (spec, limit) = await PrepareAsync(start, closed);
        return spec is null
            ? TooLate()
            : await ProcessSession.StartAndRunAsync(launcher, spec, channel, time, limit, () => relay.CompleteWritesAsync(closed), closed);
    }

    private async Task<ExecExit?> StartDetachedAsync(ExecStart start, ExecChannel channel, CancellationToken closed)
    {
        var (spec, limit) = await PrepareAsync(start, closed);
        if (spec is null)
        {
            return TooLate();
        }

        if (!launcher.StartDetached(spec).Succeeded(out var process, out var failure))
        {
            return ExecExits.From(failure);
        }

        detached.Add(process, limit);
        await channel.WriteAsync(ExecFrameType.Started, new ExecStarted { Pid = process.Pid }, closed);
        return new ExecExit();
    }

    /// <returns>What to start and what is left of its time; nothing to start: its time was over before its environment was there.</returns>
    private async ValueTask<(ProcessSpec? Spec, TimeSpan? Limit)> PrepareAsync(ExecStart start, CancellationToken closed)
    {
        var spec = ExecRequestReader.ToSpec(start);
        var limit = ExecRequestReader.TimeLimit(start);
        if (!start.LoginEnvironment)
        {
            return (spec, limit);
        }

        var began = time.GetTimestamp();
        try
        {
            spec = await logins.ApplyAsync(spec, closed).AsTask().WaitAsync(limit ?? Timeout.InfiniteTimeSpan, time, closed);
        }
        catch (TimeoutException)
        {
            return (null, limit);
        }

        var rest = limit - time.GetElapsedTime(began);
        return (rest <= TimeSpan.Zero ? null : spec, rest);
    }

    private static ExecExit TooLate() => new() { TimedOut = true, StdinTaken = 0 };

    private async Task<ExecExit?> AttachAsync(ExecAttach attach, RelayConnection relay, ExecChannel channel, CancellationToken closed)
    {
        using var client = main.Clients.Enter(new WindowSize(attach.Cols, attach.Rows), attach.ReadOnly);
        if (await main.Started.WaitAsync(closed) is not { } process)
        {
            return await main.Exited;
        }

        await new AttachSession(main, process, channel)
            .RunAsync(attach, () => relay.CompleteWritesAsync(closed), closed);
        return null;
    }

    // The caller may be in the middle of sending input for a process that never was.
    private async Task DiscardInputAsync(ExecChannel channel, CancellationToken closed)
    {
        using var wait = new CancellationTokenSource(ProcessSession.CloseWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, closed);
        try
        {
            while ((await channel.ReadAsync(either.Token)).Type != ExecFrameType.None)
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Either way the caller reads no more.
        }
    }
}
