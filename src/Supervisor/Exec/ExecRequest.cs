using Google.Protobuf;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.Exec;

/// <summary>What a relay is for. One of the three is set.</summary>
/// <param name="Start">A process is to be started.</param>
/// <param name="Attach">The caller wants to be a client of the main process.</param>
/// <param name="Failure">The frames cannot be used.</param>
internal readonly record struct ExecRequest(ExecStart? Start, ExecAttach? Attach, LaunchFailure? Failure);

/// <summary>Reads the frames that begin an exec relay.</summary>
internal static class ExecRequestReader
{
    // Above what Linux executes with anything around it, so what is dropped here could not have run.
    private const int MostKept = 8 * 1024 * 1024;

    // Four weeks: more than a timer takes is the same as for ever.
    private static readonly TimeSpan LongestTimeLimit = TimeSpan.FromDays(28);

    /// <summary>Reads a start, or the attach in its place.</summary>
    /// <exception cref="IOException">The relay broke.</exception>
    public static async Task<ExecRequest> ReadAsync(ExecChannel channel, CancellationToken cancellationToken)
    {
        var start = new ExecStart();
        var total = 0L;
        while (true)
        {
            var frame = await channel.ReadAsync(cancellationToken);
            try
            {
                switch (frame.Type)
                {
                    case ExecFrameType.Attach when total == 0:
                        return new ExecRequest(null, ExecAttach.Parser.ParseFrom(frame.Data), null);
                    case ExecFrameType.Start or ExecFrameType.StartPart:
                        total += frame.Data.Length;
                        if (total > ExecFrames.MaxStartTotal)
                        {
                            return Invalid($"the parts of the start have more than {ExecFrames.MaxStartTotal} bytes");
                        }

                        if (total <= MostKept)
                        {
                            start.MergeFrom(frame.Data);
                        }

                        break;
                    default:
                        return Invalid("the first frame is no start frame");
                }
            }
            catch (InvalidProtocolBufferException)
            {
                return Invalid("the first frame is no start frame");
            }

            if (frame.Type == ExecFrameType.Start)
            {
                return total <= MostKept
                    ? new ExecRequest(start, null, null)
                    : new ExecRequest(null, null, LaunchFailures.TooLarge(total));
            }
        }
    }

    public static ProcessSpec ToSpec(ExecStart start) => new(
        start.Argv,
        start.Environment,
        start.Workdir,
        start.User,
        start.Terminal is { } terminal
            ? new ProcessTerminal(terminal.Cols, terminal.Rows, terminal.Term) { Modes = terminal.Modes.Memory }
            : null,
        start.LoginShell);

    /// <summary>Null: none.</summary>
    public static TimeSpan? TimeLimit(ExecStart start) => start.TimeoutMs switch
    {
        0 => null,
        var milliseconds when milliseconds >= LongestTimeLimit.TotalMilliseconds => null,
        var milliseconds => TimeSpan.FromMilliseconds(milliseconds),
    };

    private static ExecRequest Invalid(string message) => new(null, null, new LaunchFailure(LaunchFailureKind.Invalid, message));
}
