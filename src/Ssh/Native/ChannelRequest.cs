namespace OpenShell.Ssh.Native;

/// <summary>Subtypes of a channel request: enum ssh_channel_requests_e.</summary>
internal static class ChannelRequest
{
    public const int Pty = 1;
    public const int Exec = 2;
    public const int Shell = 3;
    public const int Env = 4;
    public const int Subsystem = 5;
    public const int WindowChange = 6;
}
