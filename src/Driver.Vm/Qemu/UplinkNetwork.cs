namespace OpenShell.Driver.Vm.Qemu;

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
