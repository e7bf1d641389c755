namespace OpenShell.Supervisor.Processes;

/// <summary>One of the two is set.</summary>
internal readonly record struct LaunchResult(RunningProcess? Process, LaunchFailure? Failure)
{
    public static implicit operator LaunchResult(RunningProcess process) => new(process, null);

    public static implicit operator LaunchResult(LaunchFailure failure) => new(null, failure);
}
