namespace OpenShell.Driver.Vm.Qemu;

/// <summary>
/// A network on which the guest reaches one address and nothing else: every connection to it starts a helper
/// whose standard input and output are the connection.
/// </summary>
/// <param name="Address">The address, such as "10.0.2.100:17670".</param>
/// <param name="Helper">Program and arguments of the helper.</param>
internal sealed record RestrictedNetwork(string Address, IReadOnlyList<string> Helper) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        "-netdev", $"user,id=net,restrict=on,guestfwd=tcp:{Address}-cmd:{QemuText.Command(Helper)}",
        "-device", "virtio-net-device,netdev=net",
    ];
}
