using System.Runtime.InteropServices;
using OpenShell.Linux;

namespace OpenShell.Ssh.Native;

/// <summary>
/// Two things of a message that libssh 0.10 and 0.11 parse and have no function for. They are read where they lie in
/// struct ssh_message_struct, and only if everything around them that does have a function is where it should be.
/// </summary>
internal static unsafe class MessageLayout
{
    private const int OpenType = 64;
    private const int OpenPacketSize = 76;
    private const int RequestChannel = 120;
    private const int RequestTerm = 136;
    private const int RequestWidth = 144;
    private const int RequestHeight = 148;
    private const int RequestModes = 160;
    private const int Size = 200;

    // RFC 4254 asks for terminal modes of a few hundred bytes at most.
    private const int LongestModes = 1024;

    /// <summary>The largest packet that the client of a new channel takes. Null: it cannot be told.</summary>
    public static uint? PacketSize(nint message) =>
        Has(message) && Number(message, OpenType) == LibSshMessages.Subtype(message)
            ? (uint)Number(message, OpenPacketSize)
            : null;

    /// <summary>The encoded terminal modes of a pty request; empty if there are none or they cannot be told.</summary>
    public static byte[] TerminalModes(nint message)
    {
        if (!Has(message)
            || Pointer(message, RequestChannel) != LibSshMessages.RequestChannel(message)
            || Pointer(message, RequestTerm) != (nint)LibSshMessages.PtyTerm(message)
            || Number(message, RequestWidth) != LibSshMessages.PtyWidth(message)
            || Number(message, RequestHeight) != LibSshMessages.PtyHeight(message)
            || Pointer(message, RequestModes) == 0)
        {
            return [];
        }

        var modes = Pointer(message, RequestModes);
        var length = LibSshMessages.StringLength(modes);
        return length > LongestModes ? [] : new ReadOnlySpan<byte>(LibSshMessages.StringData(modes), (int)length).ToArray();
    }

    private static bool Has(nint message) => HeapBlock.UsableSize(message) >= Size;

    private static int Number(nint message, int offset) => Marshal.ReadInt32(message, offset);

    private static nint Pointer(nint message, int offset) => Marshal.ReadIntPtr(message, offset);
}
