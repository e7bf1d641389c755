namespace OpenShell.Driver.Vm.Configuration;

/// <summary>The driver's exit codes.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotAllowed = 4;
    public const int Unavailable = 5;
}
