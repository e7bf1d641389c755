namespace OpenShell.Ssh.Native;

/// <summary>Types of messages: enum ssh_requests_e.</summary>
internal static class MessageType
{
    public const int Auth = 1;
    public const int ChannelOpen = 2;
    public const int Channel = 3;
    public const int Global = 5;
}

/// <summary>Subtypes of a request to open a channel: enum ssh_channel_type_e.</summary>
internal static class ChannelType
{
    public const int Session = 1;
    public const int DirectTcp = 2;
}

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

/// <summary>Subtypes of a global request: enum ssh_global_requests_e. libssh answers keep-alives itself.</summary>
internal static class GlobalRequest
{
    public const int Forward = 1;
    public const int CancelForward = 2;
}

/// <summary>Subtypes of an authentication request: SSH_AUTH_METHOD_….</summary>
internal static class AuthMethod
{
    public const int None = 1;
    public const int PublicKey = 4;

    /// <summary>State of a public key: only asked about, and signed with.</summary>
    public const int KeyProbed = 0;
    public const int KeyProven = 1;
}
