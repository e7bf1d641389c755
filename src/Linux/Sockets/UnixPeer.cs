using System.Buffers.Binary;
using System.Net.Sockets;
using OpenShell.Linux.Processes;

namespace OpenShell.Linux.Sockets;

/// <summary>
/// Who is at the other end of a Unix socket, as the kernel says: of an accepted connection the process that connected, of a dialled
/// one the listener. Asked before anything secret is sent, whatever the permissions of the path.
/// </summary>
public static class UnixPeer
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int CredentialsLength = 12;
    private const int UserOffset = 4;
    private const uint Root = 0;

    /// <summary>The user of this process.</summary>
    public static uint CurrentUser { get; } = CurrentProcess.GetEffectiveUser();

    /// <summary>The user of the peer (SO_PEERCRED: pid, uid, gid).</summary>
    public static uint UserOf(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Span<byte> credentials = stackalloc byte[CredentialsLength];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return BinaryPrimitives.ReadUInt32LittleEndian(credentials[UserOffset..]);
    }

    /// <summary>Whether a user may be told this user's secrets: itself, and root, which can read them anyway.</summary>
    public static bool IsTrusted(uint user) => user == CurrentUser || user == Root;
}
