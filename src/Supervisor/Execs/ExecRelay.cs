using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Relay;
using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.Execs;

/// <summary>The relay target "exec": one process for one relay, in the frames of exec.proto.</summary>
internal sealed class ExecRelay(ProcessLauncher launcher, TimeProvider time)
{
    // The caller closes as soon as it has the exit frame. To close first could cost it frames that are on their way.
    private static readonly TimeSpan CloseWait = TimeSpan.FromSeconds(5);

    /// <summary>Reads the start frame, runs the process, answers with its end. The relay stays the caller's to dispose.</summary>
    /// <exception cref="IOException">The relay broke before the process was started.</exception>
    /// <exception cref="OperationCanceledException">The relay was closed; no process of it is left running.</exception>
    public async Task RunAsync(RelayConnection relay, CancellationToken closed)
    {
        using var channel = new ExecChannel(relay);
        var start = ExecStartReader.TryParse(await channel.ReadAsync(closed));
        var launched = start is null
            ? new LaunchFailure(LaunchFailureKind.Invalid, "the first frame is no start frame")
            : launcher.Start(ExecStartReader.ToSpec(start));

        if (launched.Process is not { } process)
        {
            await channel.WriteAsync(ExecFrameType.Exit, ExecExits.From(launched.Failure!), closed);
            await relay.CompleteWritesAsync(closed);
            await DiscardInputAsync(channel, closed);
            return;
        }

        using (process)
        {
            using var session = new ExecSession(process, channel, time);
            await session.RunAsync(ExecStartReader.TimeLimit(start!), () => relay.CompleteWritesAsync(closed), CloseWait, closed);
        }
    }

    // The caller may be in the middle of sending input for a process that never was.
    private async Task DiscardInputAsync(ExecChannel channel, CancellationToken closed)
    {
        using var wait = new CancellationTokenSource(CloseWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, closed);
        try
        {
            while ((await channel.ReadAsync(either.Token)).Type != ExecFrameType.None)
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Either way nobody reads any more.
        }
    }
}
