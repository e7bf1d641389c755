namespace OpenShell.Ssh.Native;

/// <summary>Options of an ssh_bind: enum ssh_bind_options_e.</summary>
internal static class LibSshBindOption
{
    public const int ImportKey = 10;
    public const int KeyExchange = 11;
    public const int CiphersToServer = 12;
    public const int CiphersToClient = 13;
    public const int MacsToServer = 14;
    public const int MacsToClient = 15;
    public const int PublicKeyTypes = 17;
    public const int HostKeyAlgorithms = 18;
    public const int ProcessConfig = 19;
}
