using System.Runtime.InteropServices;

namespace OpenShell.Ssh.Native;

/// <summary>libssh: channels.</summary>
internal static unsafe partial class LibSshChannels
{
    private const string Library = "libssh";

    /// <summary>struct ssh_channel_callbacks_struct, as far as libssh reads it: <see cref="Size"/> says how much is there.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Callbacks
    {
        public nuint Size;
        public nint UserData;
        public delegate* unmanaged[Cdecl]<nint, nint, byte*, uint, int, nint, int> Data;
        public delegate* unmanaged[Cdecl]<nint, nint, nint, void> Eof;
        public delegate* unmanaged[Cdecl]<nint, nint, nint, void> Close;
        public delegate* unmanaged[Cdecl]<nint, nint, byte*, nint, void> Signal;
        public delegate* unmanaged[Cdecl]<nint, nint, int, nint, void> ExitStatus;
        public delegate* unmanaged[Cdecl]<nint, nint, byte*, int, byte*, byte*, nint, void> ExitSignal;
    }

    [LibraryImport(Library, EntryPoint = "ssh_channel_new")]
    public static partial nint New(nint session);

    [LibraryImport(Library, EntryPoint = "ssh_channel_free")]
    public static partial void Free(nint channel);

    /// <summary>The struct must stay where it is as long as libssh has the channel.</summary>
    [LibraryImport(Library, EntryPoint = "ssh_set_channel_callbacks")]
    public static partial int SetCallbacks(nint channel, Callbacks* callbacks);

    [LibraryImport(Library, EntryPoint = "ssh_channel_window_size")]
    public static partial uint WindowSize(nint channel);

    [LibraryImport(Library, EntryPoint = "ssh_channel_is_open")]
    public static partial int IsOpen(nint channel);

    [LibraryImport(Library, EntryPoint = "ssh_channel_write")]
    public static partial int Write(nint channel, byte* data, uint length);

    [LibraryImport(Library, EntryPoint = "ssh_channel_write_stderr")]
    public static partial int WriteError(nint channel, byte* data, uint length);

    [LibraryImport(Library, EntryPoint = "ssh_channel_read")]
    public static partial int Read(nint channel, byte* buffer, uint length, int isError);

    [LibraryImport(Library, EntryPoint = "ssh_channel_send_eof")]
    public static partial int SendEof(nint channel);

    [LibraryImport(Library, EntryPoint = "ssh_channel_close")]
    public static partial int Close(nint channel);

    [LibraryImport(Library, EntryPoint = "ssh_channel_request_send_exit_status")]
    public static partial int SendExitStatus(nint channel, int status);

    [LibraryImport(Library, EntryPoint = "ssh_channel_request_send_exit_signal", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SendExitSignal(nint channel, string signal, int coreDumped, string message, string language);

    [LibraryImport(Library, EntryPoint = "ssh_channel_open_reverse_forward", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenForwarded(nint channel, string address, int port, string originator, int originatorPort);
}
