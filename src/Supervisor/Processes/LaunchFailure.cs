namespace OpenShell.Supervisor.Processes;

/// <summary>Why a process did not start.</summary>
/// <param name="Kind">For programs.</param>
/// <param name="Message">For people: the step and the error, with the value.</param>
internal sealed record LaunchFailure(LaunchFailureKind Kind, string Message);
