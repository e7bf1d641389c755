using System.Runtime.InteropServices;
using System.Text;

namespace OpenShell.Ssh.Native;

/// <summary>libssh: requests of the client. A message is its receiver's to free.</summary>
internal static unsafe partial class LibSshMessages
{
    private const string Library = "libssh";

    /// <summary>What a client sent as text, byte by byte. Null: it sent none, or it is no UTF-8.</summary>
    public static string? Text(byte* text)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            return Strict.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    [LibraryImport(Library, EntryPoint = "ssh_message_type")]
    public static partial int Type(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_subtype")]
    public static partial int Subtype(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_free")]
    public static partial void Free(nint message);

    /// <summary>A refusal; for a service request, consent.</summary>
    [LibraryImport(Library, EntryPoint = "ssh_message_reply_default")]
    public static partial int ReplyDefault(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_auth_user")]
    public static partial byte* AuthUser(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_auth_pubkey")]
    public static partial nint AuthPublicKey(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_auth_publickey_state")]
    public static partial int AuthPublicKeyState(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_auth_reply_success")]
    public static partial int ReplyAuthSuccess(nint message, int partial);

    [LibraryImport(Library, EntryPoint = "ssh_message_auth_reply_pk_ok_simple")]
    public static partial int ReplyPublicKeyOk(nint message);

    /// <returns>The channel, or 0.</returns>
    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_open_reply_accept")]
    public static partial nint AcceptChannel(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_open_destination")]
    public static partial byte* OpenDestination(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_open_destination_port")]
    public static partial int OpenDestinationPort(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_channel")]
    public static partial nint RequestChannel(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_reply_success")]
    public static partial int ReplyRequestSuccess(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_pty_term")]
    public static partial byte* PtyTerm(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_pty_width")]
    public static partial int PtyWidth(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_pty_height")]
    public static partial int PtyHeight(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_env_name")]
    public static partial byte* EnvName(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_env_value")]
    public static partial byte* EnvValue(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_command")]
    public static partial byte* Command(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_channel_request_subsystem")]
    public static partial byte* Subsystem(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_global_request_address")]
    public static partial byte* GlobalAddress(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_global_request_port")]
    public static partial int GlobalPort(nint message);

    [LibraryImport(Library, EntryPoint = "ssh_message_global_request_reply_success")]
    public static partial int ReplyGlobalSuccess(nint message, ushort port);

    [LibraryImport(Library, EntryPoint = "ssh_string_data")]
    public static partial byte* StringData(nint text);

    [LibraryImport(Library, EntryPoint = "ssh_string_len")]
    public static partial nuint StringLength(nint text);
}
