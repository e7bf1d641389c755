namespace OpenShell.Driver.Vm.Qemu;

/// <summary>The guest's console (ttyS0), written to a file without a bound: for a machine that lives for a moment.</summary>
internal sealed record ConsoleLog(string Path) : IQemuDevice
{
    public IEnumerable<string> Arguments =>
    [
        "-chardev", $"file,id=console,path={QemuText.Value(Path)}",
        "-serial", "chardev:console",
    ];
}
