using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Protocol.Exec;

/// <summary>How the end of a process becomes one number, as shells do it.</summary>
public static class ExecExitCode
{
    /// <summary>The process ran into its time limit.</summary>
    public const int TimedOut = 124;

    /// <summary>The program is there and cannot be executed, or its surroundings could not be made.</summary>
    public const int NotExecutable = 126;

    /// <summary>There is no such program.</summary>
    public const int NotFound = 127;

    /// <summary>The code that a caller gets for this exit.</summary>
    public static int From(ExecExit exit) => exit switch
    {
        { TimedOut: true } => TimedOut,
        { Failure: ExecFailure.NotFound } => NotFound,
        { Failure: not ExecFailure.Unspecified } => NotExecutable,
        { Signal: not 0 } => 128 + exit.Signal,
        _ => exit.Code,
    };
}
