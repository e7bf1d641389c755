using OpenShell.Driver.Vm.Quantities;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Tests.Fakes;

internal static class Specs
{
    public static MachineSpec New(string id) => new()
    {
        Id = id,
        Name = "quiet-fox",
        Namespace = "ns",
        Workspace = "default",
        Image = "tiny",
        Command = ["sleep", "1"],
        Tty = true,
        LogLevel = "debug",
        Environment = new Dictionary<string, string> { ["KEY"] = "value" },
        Labels = new Dictionary<string, string> { ["team"] = "a" },
        Size = new MachineSize(1, ByteCount.FromMebibytes(256), ByteCount.FromMebibytes(4096)),
    };
}
