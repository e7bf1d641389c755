namespace OpenShell.Supervisor.Relays;

/// <summary>One of the two is set.</summary>
/// <param name="Target">Ready to serve a relay.</param>
/// <param name="Error">Why there is none, for people.</param>
internal readonly record struct PreparedTarget(IRelayTarget? Target, string? Error);
