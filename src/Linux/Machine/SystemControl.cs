using System.Runtime.InteropServices;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Linux.Machine;

/// <summary>What only the first process of a machine does: mounts, modules, host name, power.</summary>
public static partial class SystemControl
{
    public const nuint ReadOnly = 1;
    public const nuint NoSetUid = 2;
    public const nuint NoDevices = 4;
    public const nuint NoExecute = 8;
    public const nuint Remount = 32;
    public const nuint Bind = 4096;
    public const nuint Move = 8192;

    public const int PowerOff = 0x4321FEDC;
    public const int Restart = 0x01234567;

    private const int CallFinitModuleX64 = 313;
    private const int CallFinitModuleArm64 = 273;

    /// <summary>Loads a kernel module. 0 or the errno; one that is there already is fine.</summary>
    public static int LoadModule(FileDescriptor module)
    {
        var call = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? CallFinitModuleArm64 : CallFinitModuleX64;
        return SystemCall(call, module, "", 0) == 0 || Errno.Last == Errno.Exists ? 0 : Errno.Last;
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Mount(string source, string target, string? type, nuint flags, string? data);

    [LibraryImport("libc", EntryPoint = "chroot", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeRoot(string path);

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeDirectory(string path);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeMode(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "sync")]
    public static partial void Sync();

    [LibraryImport("libc", EntryPoint = "reboot", SetLastError = true)]
    public static partial int Reboot(int command);

    [LibraryImport("libc", EntryPoint = "sethostname", SetLastError = true)]
    public static unsafe partial int SetHostName(byte* name, nuint length);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint SystemCall(nint number, FileDescriptor module, string parameters, nint flags);
}
