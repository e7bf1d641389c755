using OpenShell.Linux;
using OpenShell.Supervisor.Native;

namespace OpenShell.Supervisor.Processes;

/// <summary>Why a process did not start.</summary>
/// <param name="Message">For people: the step and the error, with the value.</param>
internal sealed record LaunchFailure(LaunchFailureKind Kind, string Message);

/// <summary>What stood in the way of a process.</summary>
internal enum LaunchFailureKind
{
    NotFound,
    NotExecutable,
    WorkingDirectory,
    User,
    Resources,
    Policy,
    Invalid,
}

/// <summary>What a failed start is called.</summary>
internal static class LaunchFailures
{
    /// <summary>Arguments and environment have too many bytes for Linux.</summary>
    public static LaunchFailure TooLarge(long bytes) => new(
        LaunchFailureKind.NotExecutable,
        $"the arguments and the environment have {bytes} bytes: Linux takes at most {LaunchLimits.MostArguments} bytes in all and 131071 in one of them");

    public static LaunchFailure Explain(in SpawnRequest request, LaunchPlan plan, long bytes)
    {
        var reason = Errno.Text(request.Error);
        var name = plan.Program.Name;
        return request.FailedStep switch
        {
            SpawnStep.WorkingDirectory => new(LaunchFailureKind.WorkingDirectory, $"cannot enter {plan.WorkingDirectory}: {reason}"),
            SpawnStep.Identity => new(LaunchFailureKind.User, $"cannot become {plan.User.Name}: {reason}"),
            SpawnStep.Policy => new(LaunchFailureKind.Policy, $"the policy of the sandbox cannot be enforced: {reason}"),
            SpawnStep.Execute when request.Error is Errno.NoEntry => new(LaunchFailureKind.NotFound, $"{name}: not found"),
            SpawnStep.Execute when request.Error is Errno.NoMemory => new(LaunchFailureKind.Resources, $"{name}: {reason}"),
            SpawnStep.Execute when request.Error is Errno.TooManyArguments => TooLarge(bytes),
            SpawnStep.Execute => new(LaunchFailureKind.NotExecutable, $"{name}: {reason}"),
            var step => new(LaunchFailureKind.Resources, $"{step}: {reason}"),
        };
    }
}
