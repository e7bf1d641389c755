using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OpenShell.Ssh.Native;

/// <summary>libssh: sessions and the keys and algorithms they are made with. For the loop's thread only.</summary>
internal static unsafe partial class LibSsh
{
    public const int Ok = 0;
    public const int Error = -1;
    public const int Again = -2;

    /// <summary>Bits of <see cref="GetStatus"/>.</summary>
    public const int ClosedError = 0x04;
    public const int WritePending = 0x08;
    public const int Closed = 0x01;

    private const string Library = "libssh";

    // What a program without libssh-dev has.
    private const string SystemLibrary = "libssh.so.4";

    /// <summary>Bytes and packets, counted by libssh on the way.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Counter
    {
        public ulong InBytes;
        public ulong OutBytes;
        public ulong InPackets;
        public ulong OutPackets;
    }

    /// <summary>What libssh says about the last failure of a session or a bind.</summary>
    public static string ErrorText(nint session) => Marshal.PtrToStringUTF8(GetError(session)) ?? "";

    /// <summary>For programs that do not have it linked in: whether the system has it.</summary>
    public static bool IsInstalled() => NativeLibrary.TryLoad(SystemLibrary, typeof(LibSsh).Assembly, null, out _);

    // A static executable has it linked in and never asks.
#pragma warning disable CA2255 // It has to be in place before the first call of any caller.
    [ModuleInitializer]
    internal static void UseSystemLibrary() =>
        NativeLibrary.SetDllImportResolver(typeof(LibSsh).Assembly, static (name, assembly, path) => name == Library ? Load(assembly, path) : 0);
#pragma warning restore CA2255

    private static nint Load(Assembly assembly, DllImportSearchPath? path) => NativeLibrary.Load(SystemLibrary, assembly, path);

    [LibraryImport(Library, EntryPoint = "ssh_new")]
    public static partial nint New();

    [LibraryImport(Library, EntryPoint = "ssh_free")]
    public static partial void Free(nint session);

    [LibraryImport(Library, EntryPoint = "ssh_set_blocking")]
    public static partial void SetBlocking(nint session, int blocking);

    [LibraryImport(Library, EntryPoint = "ssh_get_status")]
    public static partial int GetStatus(nint session);

    [LibraryImport(Library, EntryPoint = "ssh_set_counters")]
    public static partial void SetCounters(nint session, Counter* socket, Counter* raw);

    [LibraryImport(Library, EntryPoint = "ssh_blocking_flush")]
    public static partial int Flush(nint session, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "ssh_handle_key_exchange")]
    public static partial int HandleKeyExchange(nint session);

    [LibraryImport(Library, EntryPoint = "ssh_set_auth_methods")]
    public static partial void SetAuthMethods(nint session, int methods);

    [LibraryImport(Library, EntryPoint = "ssh_message_get")]
    public static partial nint GetMessage(nint session);

    [LibraryImport(Library, EntryPoint = "ssh_bind_new")]
    public static partial nint BindNew();

    [LibraryImport(Library, EntryPoint = "ssh_bind_free")]
    public static partial void BindFree(nint bind);

    [LibraryImport(Library, EntryPoint = "ssh_bind_options_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int BindSetText(nint bind, int option, string value);

    [LibraryImport(Library, EntryPoint = "ssh_bind_options_set")]
    public static partial int BindSetPointer(nint bind, int option, nint value);

    [LibraryImport(Library, EntryPoint = "ssh_bind_accept_fd")]
    public static partial int BindAccept(nint bind, nint session, int descriptor);

    [LibraryImport(Library, EntryPoint = "ssh_get_error")]
    private static partial nint GetError(nint session);
}
