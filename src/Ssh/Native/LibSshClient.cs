using System.Runtime.InteropServices;

namespace OpenShell.Ssh.Native;

/// <summary>libssh: the client's side of a session. For the thread that made the session only.</summary>
internal static unsafe partial class LibSshClient
{
    /// <summary>Options of a session (ssh_options_e).</summary>
    public const int Host = 0;

    /// <summary>As <see cref="Host"/>.</summary>
    public const int Descriptor = 3;

    /// <summary>As <see cref="Host"/>.</summary>
    public const int User = 4;

    /// <summary>In seconds.</summary>
    public const int Timeout = 9;

    /// <summary>Whether the files of the host's own ssh are read.</summary>
    public const int ProcessConfig = 38;

    private const string Library = "libssh";

    [LibraryImport(Library, EntryPoint = "ssh_options_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetText(nint session, int option, string value);

    [LibraryImport(Library, EntryPoint = "ssh_options_set")]
    public static partial int SetPointer(nint session, int option, void* value);

    /// <returns>-1: it has closed it.</returns>
    [LibraryImport(Library, EntryPoint = "ssh_get_fd")]
    public static partial int DescriptorOf(nint session);

    [LibraryImport(Library, EntryPoint = "ssh_connect")]
    public static partial int Connect(nint session);

    [LibraryImport(Library, EntryPoint = "ssh_disconnect")]
    public static partial void Disconnect(nint session);

    [LibraryImport(Library, EntryPoint = "ssh_userauth_none")]
    public static partial int AuthenticateNone(nint session, nint username);

    [LibraryImport(Library, EntryPoint = "ssh_channel_open_session")]
    public static partial int OpenSession(nint channel);

    [LibraryImport(Library, EntryPoint = "ssh_channel_request_pty_size", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RequestTerminal(nint channel, string term, int columns, int rows);

    [LibraryImport(Library, EntryPoint = "ssh_channel_change_pty_size")]
    public static partial int ResizeTerminal(nint channel, int columns, int rows);

    [LibraryImport(Library, EntryPoint = "ssh_channel_request_exec", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RequestExec(nint channel, string command);

    /// <param name="name">The signal, without SIG.</param>
    [LibraryImport(Library, EntryPoint = "ssh_channel_request_send_signal", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SendSignal(nint channel, string name);
}
