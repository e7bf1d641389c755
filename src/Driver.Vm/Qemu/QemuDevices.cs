namespace OpenShell.Driver.Vm.Qemu;

/// <summary>Something that a machine has: its share of QEMU's command line.</summary>
internal interface IQemuDevice
{
    /// <summary>The options, ready for argv.</summary>
    IEnumerable<string> Arguments { get; }
}

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

/// <summary>The guest's console (ttyS0), brought to the helper; QEMU connects, and again within a second if that breaks.</summary>
/// <param name="SocketPath">The socket that the machine's helper listens on.</param>
internal sealed record ConsoleSocket(string SocketPath) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        "-chardev", $"socket,id=console,path={QemuText.Value(SocketPath)},server=off,reconnect=1",
        "-serial", "chardev:console",
    ];
}

/// <summary>The guest's console (ttyS0), written to a file without a bound: for a machine that lives for a moment.</summary>
internal sealed record ConsoleLog(string Path) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        "-chardev", $"file,id=console,path={QemuText.Value(Path)}",
        "-serial", "chardev:console",
    ];
}

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

/// <summary>A file that the guest reads through fw_cfg. QEMU reads it once, before it is ready.</summary>
/// <param name="Name">Its name in the guest, beginning "opt/".</param>
internal sealed record FirmwareFile(string Name, string Path) : IQemuDevice
{
    public IEnumerable<string> Arguments => ["-fw_cfg", $"name={Name},file={QemuText.Value(Path)}"];
}

/// <summary>A raw disk image as a virtio block device.</summary>
/// <param name="Serial">Its serial number, by which the guest tells the disks apart, and its name in QEMU.</param>
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

/// <summary>
/// The network of a QEMU that has a network namespace with nothing but a loopback: one of the guest's addresses is that
/// loopback, where the machine's helper listens, and for every other the kernel has no route.
/// </summary>
/// <param name="Address">What the guest takes for the loopback, such as "10.0.2.100".</param>
internal sealed record UplinkNetwork(string Address) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        "-netdev", $"user,id=net,ipv6=off,restrict=off,host={Address}",
        "-device", "virtio-net-device,netdev=net",
    ];
}

/// <summary>
/// The network of a QEMU that shares the host's: slirp alone keeps the guest to one address, and every connection to it
/// starts a helper whose standard input and output are the connection.
/// </summary>
/// <param name="Address">The address, such as "10.0.2.100:17670".</param>
internal sealed record RestrictedNetwork(string Address, IReadOnlyList<string> Helper) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        // Without ipv6=off its restriction is none: an IPv6 source address can be chosen so that it takes it for this one.
        "-netdev", $"user,id=net,ipv6=off,restrict=on,guestfwd=tcp:{Address}-cmd:{QemuText.Command(Helper)}",
        "-device", "virtio-net-device,netdev=net",
    ];
}
