namespace OpenShell.Gateway.Sessions;

/// <summary>What became of a hello.</summary>
/// <param name="Rejection">Why it is refused, for the supervisor's log; null if the session stands.</param>
/// <param name="Superseded">The session that it took the place of; already ended.</param>
internal readonly record struct RegisterResult(string? Rejection, SupervisorSession? Superseded);
