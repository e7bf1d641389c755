namespace OpenShell.Driver.Vm.Qemu;

/// <summary>The guest's console (ttyS0), brought to whoever keeps it; QEMU connects, and again within a second if that breaks.</summary>
/// <param name="SocketPath">The socket that the machine's helper listens on.</param>
internal sealed record ConsoleSocket(string SocketPath) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        "-chardev", $"socket,id=console,path={QemuText.Value(SocketPath)},server=off,reconnect=1",
        "-serial", "chardev:console",
    ];
}
