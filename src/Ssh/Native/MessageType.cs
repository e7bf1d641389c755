namespace OpenShell.Ssh.Native;

/// <summary>Types of messages: enum ssh_requests_e.</summary>
internal static class MessageType
{
    public const int Auth = 1;
    public const int ChannelOpen = 2;
    public const int Channel = 3;
    public const int Global = 5;
}
