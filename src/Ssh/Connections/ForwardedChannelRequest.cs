using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Connections;

/// <summary>A channel that the client was asked to take.</summary>
internal sealed class ForwardedChannelRequest(nint handle, string address, int port, AcceptedForward accepted)
{
    /// <summary>Whether the client has taken it. Completed on the loop's thread.</summary>
    public TaskCompletionSource<bool> Answer { get; } = new();

    /// <summary>Asks, the first time; later, looks for the answer. Null: none yet.</summary>
    public bool? TryOpen() => LibSshChannels.OpenForwarded(handle, address, port, accepted.Address, accepted.Port) switch
    {
        LibSsh.Ok => true,
        LibSsh.Again => null,
        _ => false,
    };
}
