using OpenShell.Driver.Vm.Quantities;

namespace OpenShell.Driver.Vm.Records;

/// <summary>How full the host's disk may be.</summary>
internal static class HostDisk
{
    /// <summary>
    /// With less than this, a machine that was paused stays so, and none is started. 32 MiB: a guest writes its page cache
    /// back in portions of a few MiB, and would be paused again at once with less.
    /// </summary>
    public static readonly ByteCount RoomToRun = ByteCount.FromMebibytes(32);

    private const int StandardPercent = 2;

    /// <summary>What has to be free for another sandbox by default: 1 GiB, or 2 % of the file system if that is more.</summary>
    public static ByteCount StandardMinimum(ByteCount total) =>
        new(Math.Max(1L << 30, total.Bytes / 100 * StandardPercent));

    /// <summary>Free space for this user where a directory is.</summary>
    public static ByteCount Free(string directory) => new(new DriveInfo(directory).AvailableFreeSpace);

    /// <summary>Size of the file system where a directory is.</summary>
    public static ByteCount Total(string directory) => new(new DriveInfo(directory).TotalSize);
}
