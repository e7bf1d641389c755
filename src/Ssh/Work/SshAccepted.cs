namespace OpenShell.Ssh.Work;

/// <summary>A connection to a port that a client listens on.</summary>
/// <param name="Stream">The receiver's to dispose.</param>
/// <param name="Address">Where it comes from.</param>
/// <param name="Port">The port it comes from.</param>
public sealed record SshAccepted(ISshPeer Stream, string Address, int Port);
