namespace OpenShell.Gateway.Configuration;

/// <summary>Exit codes of the gateway; those of all our programs are in docs/architecture.md.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
}
