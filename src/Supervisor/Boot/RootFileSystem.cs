using OpenShell.Linux;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Machine;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Files;

namespace OpenShell.Supervisor.Boot;

/// <summary>
/// The image below a writable layer, and the switch to it. Afterwards the initramfs has nothing but the sftp-server and is
/// hidden below the new root, and with it the two mounts that the overlay is made of.
/// </summary>
internal static class RootFileSystem
{
    private const string Image = "/mnt/image";
    private const string Writable = "/mnt/writable";
    private const string NewRoot = "/mnt/root";
    private const string SftpInInitramfs = "/sftp";

    /// <summary>What moves along; /tmp is the sandbox's own.</summary>
    private static readonly string[] Moved = ["/proc", "/sys", "/dev", "/run"];

    /// <summary>Mounts the new root and enters it.</summary>
    /// <returns>A handle of the writable layer, with which it can be made read-only at the end.</returns>
    /// <exception cref="BootException">A disk is missing or cannot be mounted.</exception>
    public static FileDescriptor Enter(GuestDisks disks)
    {
        Mounts.Mount(FindDisk(disks.ImageSerial), Image, "squashfs", SystemControl.ReadOnly, null);
        if (disks.OverlaySerial.Length == 0)
        {
            Mounts.Mount("overlay", Writable, "tmpfs", 0, "mode=0755");
        }
        else
        {
            Mounts.Mount(FindDisk(disks.OverlaySerial), Writable, "ext4", 0, null);
        }

        Directory.CreateDirectory($"{Writable}/upper");
        Directory.CreateDirectory($"{Writable}/work");
        Mounts.Mount("overlay", NewRoot, "overlay", 0, $"lowerdir={Image},upperdir={Writable}/upper,workdir={Writable}/work");
        KeepSftpServer();
        var writable = new FileDescriptor(DescriptorIo.Open(Writable, DescriptorIo.OpenReadOnly | DescriptorIo.CloseOnExec, 0));
        foreach (var path in Moved)
        {
            Mounts.Mount(path, NewRoot + path, null, SystemControl.Move, null);
        }

        FreeInitramfs();
        Switch();
        Mounts.Mount("tmp", "/tmp", "tmpfs", SystemControl.NoSetUid | SystemControl.NoDevices, "mode=1777");
        return writable;
    }

    private static string FindDisk(string serial)
    {
        foreach (var disk in Directory.EnumerateDirectories("/sys/block", "vd*"))
        {
            if (File.ReadAllText(Path.Combine(disk, "serial")).Trim() == serial)
            {
                return "/dev/" + Path.GetFileName(disk);
            }
        }

        throw new BootException("disks", $"there is none with the serial number '{serial}'");
    }

    // The only part of the initramfs that outlives it, with the loader and the C library that it needs: it is RAM, so it is
    // there once, and read-only, because it is not the sandbox's.
    private static void KeepSftpServer()
    {
        if (Directory.Exists(SftpInInitramfs))
        {
            Mounts.Mount(SftpInInitramfs, SftpProgram.Directory, null, SystemControl.Bind, null);
            const nuint ReadOnlyBind = SystemControl.Bind | SystemControl.Remount | SystemControl.ReadOnly | SystemControl.NoSetUid;
            Mounts.Mount(SftpInInitramfs, SftpProgram.Directory, null, ReadOnlyBind, null);
        }
    }

    // It is RAM. The program that runs stays, because it is mapped.
    private static void FreeInitramfs()
    {
        File.Delete("/init");
        if (Directory.Exists("/modules"))
        {
            Directory.Delete("/modules", recursive: true);
        }
    }

    private static void Switch()
    {
        if (SystemControl.ChangeDirectory(NewRoot) != 0
            || SystemControl.Mount(".", "/", null, SystemControl.Move, null) != 0
            || SystemControl.ChangeRoot(".") != 0
            || SystemControl.ChangeDirectory("/") != 0)
        {
            throw new BootException("switch to the image", Errno.Text(Errno.Last));
        }
    }
}
