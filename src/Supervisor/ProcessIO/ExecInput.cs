using Google.Protobuf;
using OpenShell.Linux.Processes;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.ProcessIO;

/// <summary>What a caller sends to a process: input, sizes, signals.</summary>
/// <param name="process">Who gets it.</param>
/// <param name="channel">Where it comes from; nobody else reads it.</param>
/// <param name="isDropped">The frames are read and nothing is done: the caller may only watch.</param>
internal sealed class ExecInput(RunningProcess process, IExecFrames channel, bool isDropped)
{
    /// <summary>
    /// Runs until <paramref name="end"/> or until the caller ends the relay. If it does that before the process has
    /// ended, or breaks it, <paramref name="gone"/> is cancelled.
    /// </summary>
    public async Task RunAsync(CancellationTokenSource gone, CancellationToken end)
    {
        try
        {
            while (await channel.ReadAsync(end) is { Type: not ExecFrameType.None } frame)
            {
                await ApplyAsync(frame, end);
            }

            // The end of stdin has a frame of its own: a caller that ends the relay before the exit has gone.
            if (!process.Exited.IsCompleted)
            {
                await gone.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The process has ended and the caller did not close, or it has gone.
        }
        catch (Exception e) when (e is IOException or InvalidProtocolBufferException)
        {
            await gone.CancelAsync();
        }
    }

    private async ValueTask ApplyAsync(ExecFramePart frame, CancellationToken cancellationToken)
    {
        switch (frame.Type)
        {
            case ExecFrameType.Stdin or ExecFrameType.StdinEnd or ExecFrameType.Resize or ExecFrameType.Signal when isDropped:
                break;
            case ExecFrameType.Stdin:
                foreach (var piece in frame.Data)
                {
                    // False is a process that reads no more; the rest of its input is dropped, as a pipe would.
                    await process.TryWriteInputAsync(piece, cancellationToken);
                }

                break;
            case ExecFrameType.StdinEnd:
                await process.EndInputAsync(cancellationToken);
                break;
            case ExecFrameType.Resize:
                var size = ExecResize.Parser.ParseFrom(frame.Data);
                process.Resize(size.Cols, size.Rows);
                break;
            case ExecFrameType.Signal:
                var signal = ExecSignal.Parser.ParseFrom(frame.Data).Number;
                if (signal is > 0 and <= Signals.Highest)
                {
                    process.Signal(signal);
                }

                break;
            default:
                throw new IOException($"An exec frame of type {frame.Type} cannot come now.");
        }
    }
}
