namespace OpenShell.Driver.Vm.Qemu;

/// <summary>
/// The network of a QEMU that shares the host's: slirp alone keeps the guest to one address, and every connection to it
/// starts a helper whose standard input and output are the connection.
/// </summary>
/// <param name="Address">The address, such as "10.0.2.100:17670".</param>
/// <param name="Helper">Program and arguments of the helper.</param>
internal sealed record RestrictedNetwork(string Address, IReadOnlyList<string> Helper) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        // Without ipv6=off its restriction is none: an IPv6 source address can be chosen so that it takes it for this one.
        "-netdev", $"user,id=net,ipv6=off,restrict=on,guestfwd=tcp:{Address}-cmd:{QemuText.Command(Helper)}",
        "-device", "virtio-net-device,netdev=net",
    ];
}
