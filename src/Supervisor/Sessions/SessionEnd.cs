namespace OpenShell.Supervisor.Sessions;

/// <summary>How a session ended.</summary>
/// <param name="WasAccepted">Whether the gateway had accepted it: then the next attempt comes soon.</param>
/// <param name="Reason">For the log.</param>
internal sealed record SessionEnd(bool WasAccepted, string Reason);
