namespace OpenShell.Linux.Programs;

/// <summary>
/// The exit codes of all our programs. <c>exec</c> and its like pass the remote command's own code through
/// (<c>ExecExitCode</c> says what becomes of one that did not start).
/// </summary>
public static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int NotAllowed = 4;
    public const int Unavailable = 5;

    /// <summary>The connection to a remote command broke, so how it ended is not known (ssh uses the same).</summary>
    public const int ConnectionLost = 255;

    /// <summary>Added to the number of the signal that ended a command.</summary>
    public const int SignalBase = 128;
}
