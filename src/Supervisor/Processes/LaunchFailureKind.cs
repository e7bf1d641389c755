namespace OpenShell.Supervisor.Processes;

/// <summary>Why a process did not start.</summary>
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
