namespace OpenShell.Ssh.Native;

/// <summary>Subtypes of a global request: enum ssh_global_requests_e. libssh answers keep-alives itself.</summary>
internal static class GlobalRequest
{
    public const int Forward = 1;
    public const int CancelForward = 2;
}
