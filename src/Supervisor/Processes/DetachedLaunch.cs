namespace OpenShell.Supervisor.Processes;

/// <summary>One of the two is set.</summary>
internal readonly record struct DetachedLaunch(SandboxProcess? Process, LaunchFailure? Failure);
