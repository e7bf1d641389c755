namespace OpenShell.Ssh.Native;

/// <summary>Subtypes of a request to open a channel: enum ssh_channel_type_e.</summary>
internal static class ChannelType
{
    public const int Session = 1;
    public const int DirectTcp = 2;
}
