namespace OpenShell.Driver.Vm.Qemu;

/// <summary>A raw disk image as a virtio block device.</summary>
/// <param name="Serial">Its serial number, by which the guest tells the disks apart, and its name in QEMU.</param>
/// <param name="Path">The file.</param>
/// <param name="ReadOnly">Whether it may be shared with other machines.</param>
internal sealed record VirtioDisk(string Serial, string Path, bool ReadOnly) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        "-blockdev",
        $"driver=raw,node-name={Serial},read-only={(ReadOnly ? "on" : "off")},discard=unmap,"
            + $"file.driver=file,file.filename={QemuText.Value(Path)}",
        "-device", $"virtio-blk-device,drive={Serial},serial={Serial}",
    ];
}
