namespace OpenShell.Gateway.Logs;

/// <summary>What was kept at one moment.</summary>
/// <param name="Lines">The newest that were asked for, oldest first.</param>
/// <param name="LastSequence">Whatever has a higher one came later.</param>
/// <param name="Total">All lines of the sandbox that are kept, wanted or not.</param>
internal sealed record LogTail(IReadOnlyList<SandboxLogLine> Lines, long LastSequence, int Total);
