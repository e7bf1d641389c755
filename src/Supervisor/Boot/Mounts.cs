using OpenShell.Linux;
using OpenShell.Linux.Machine;

namespace OpenShell.Supervisor.Boot;

/// <summary>The file systems of the kernel, as every Linux program expects them.</summary>
internal static class Mounts
{
    private const nuint Plain = SystemControl.NoSetUid | SystemControl.NoDevices | SystemControl.NoExecute;

    // Made by hand because no udev runs here; shells need them for <(...) and scripts for /dev/stdin.
    private static readonly (string Path, string Target)[] Links =
    [
        ("/dev/fd", "/proc/self/fd"),
        ("/dev/stdin", "/proc/self/fd/0"),
        ("/dev/stdout", "/proc/self/fd/1"),
        ("/dev/stderr", "/proc/self/fd/2"),
    ];

    /// <summary>Mounts them under "/", which is the initramfs.</summary>
    public static void MountKernelFileSystems()
    {
        Mount("proc", "/proc", "proc", Plain, null);
        Mount("sysfs", "/sys", "sysfs", Plain, null);
        // /dev is there: native/early.c has mounted it before the runtime started.
        Mount("devpts", "/dev/pts", "devpts", SystemControl.NoSetUid | SystemControl.NoExecute, "gid=5,mode=620,ptmxmode=666");
        Mount("shm", "/dev/shm", "tmpfs", SystemControl.NoSetUid | SystemControl.NoDevices, "mode=1777");
        Mount("run", "/run", "tmpfs", SystemControl.NoSetUid | SystemControl.NoDevices, "mode=0755");
        Mount("cgroup2", "/sys/fs/cgroup", "cgroup2", Plain, null);
        foreach (var (path, target) in Links)
        {
            if (!Path.Exists(path))
            {
                File.CreateSymbolicLink(path, target);
            }
        }
    }

    /// <summary>Mounts one file system, making the directory where it is missing.</summary>
    /// <exception cref="BootException">The kernel refuses.</exception>
    public static void Mount(string source, string target, string? type, nuint flags, string? data)
    {
        Directory.CreateDirectory(target);
        if (SystemControl.Mount(source, target, type, flags, data) != 0)
        {
            throw new BootException($"mount {target}", Errno.Text(Errno.Last));
        }
    }
}
