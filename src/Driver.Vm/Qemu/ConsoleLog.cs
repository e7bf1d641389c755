namespace OpenShell.Driver.Vm.Qemu;

/// <summary>The guest's console (ttyS0), written to a file.</summary>
/// <param name="Path">The file. It is opened for appending, so that it can be cut while the machine runs.</param>
internal sealed record ConsoleLog(string Path) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        "-chardev", $"file,id=console,path={QemuText.Value(Path)},append=on",
        "-serial", "chardev:console",
    ];
}
