namespace OpenShell.Driver.Vm.Qemu;

/// <summary>A file that the guest reads through fw_cfg. QEMU reads it once, before it is ready.</summary>
/// <param name="Name">Its name in the guest, beginning "opt/".</param>
/// <param name="Path">The file on the host.</param>
internal sealed record FirmwareFile(string Name, string Path) : IQemuDevice
{
    public IEnumerable<string> Arguments => ["-fw_cfg", $"name={Name},file={QemuText.Value(Path)}"];
}
