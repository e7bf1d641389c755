using Google.Protobuf;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.Execs;

/// <summary>The first frame of an exec relay.</summary>
internal static class ExecStartReader
{
    // Four weeks: more than a timer takes is the same as for ever.
    private static readonly TimeSpan LongestTimeLimit = TimeSpan.FromDays(28);

    /// <returns>Null if the frame is no start that can be used.</returns>
    public static ExecStart? TryParse(ExecFramePart frame)
    {
        if (frame.Type != ExecFrameType.Start)
        {
            return null;
        }

        try
        {
            return ExecStart.Parser.ParseFrom(frame.Data);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    public static ProcessSpec ToSpec(ExecStart start) => new(
        start.Argv,
        start.Environment,
        start.Workdir,
        start.User,
        start.Terminal is { } terminal ? new ProcessTerminal(terminal.Cols, terminal.Rows, terminal.Term) : null,
        start.LoginShell);

    /// <summary>Null: none.</summary>
    public static TimeSpan? TimeLimit(ExecStart start) => start.TimeoutMs switch
    {
        0 => null,
        var milliseconds when milliseconds >= LongestTimeLimit.TotalMilliseconds => null,
        var milliseconds => TimeSpan.FromMilliseconds(milliseconds),
    };
}
