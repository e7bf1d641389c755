namespace OpenShell.Driver.Vm.Qemu;

/// <summary>QEMU's machine protocol (QMP) on a Unix socket.</summary>
/// <param name="SocketPath">The socket that QEMU listens on.</param>
internal sealed record MonitorSocket(string SocketPath) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        "-chardev", $"socket,id=monitor,path={QemuText.Value(SocketPath)},server=on,wait=off",
        "-mon", "chardev=monitor,mode=control",
    ];
}
