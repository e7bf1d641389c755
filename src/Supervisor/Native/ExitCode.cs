namespace OpenShell.Supervisor.Native;

/// <summary>Exit codes, the same for all our executables.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int NotAllowed = 4;
    public const int Unavailable = 5;
}
