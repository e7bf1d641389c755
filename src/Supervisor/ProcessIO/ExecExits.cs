using OpenShell.Linux.Processes;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.ProcessIO;

/// <summary>Exit frames.</summary>
internal static class ExecExits
{
    public static ExecExit From(ExitStatus status, bool timedOut, long? inputTaken = null)
    {
        var exit = new ExecExit
        {
            Code = status.Code,
            Signal = status.Signal,
            CoreDumped = status.CoreDumped,
            TimedOut = timedOut,
        };
        if (inputTaken is { } bytes)
        {
            exit.StdinTaken = (ulong)bytes;
        }

        return exit;
    }

    public static ExecExit From(LaunchFailure failure) => new()
    {
        Message = failure.Message,
        StdinTaken = 0,
        Failure = failure.Kind switch
        {
            LaunchFailureKind.NotFound => ExecFailure.NotFound,
            LaunchFailureKind.NotExecutable => ExecFailure.NotExecutable,
            LaunchFailureKind.WorkingDirectory => ExecFailure.Workdir,
            LaunchFailureKind.User => ExecFailure.User,
            LaunchFailureKind.Resources => ExecFailure.Resources,
            LaunchFailureKind.Policy => ExecFailure.Policy,
            _ => ExecFailure.Invalid,
        },
    };
}
