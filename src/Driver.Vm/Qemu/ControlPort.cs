namespace OpenShell.Driver.Vm.Qemu;

/// <summary>
/// The guest's second serial port (ttyS1) as a Unix socket: the supervisor reads orders from it, a line each.
/// </summary>
/// <param name="SocketPath">The socket that QEMU listens on.</param>
internal sealed record ControlPort(string SocketPath) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        "-chardev", $"socket,id=control,path={QemuText.Value(SocketPath)},server=on,wait=off",
        // The second of the PC's four ports; ACPI announces it, so the guest needs no probing.
        "-device", "isa-serial,chardev=control,index=1,iobase=0x2f8,irq=3",
    ];
}
