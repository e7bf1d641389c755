using OpenShell.Driver.Vm.Machines;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests;

/// <summary>The order of the driver's folders; docs/driver.md says what each is for.</summary>
internal sealed class LayerTests
{
    private const string Root = "OpenShell.Driver.Vm";

    [Test]
    public void Folders_UseOnlyThoseBelow() => Layers.AssertFloors(
        typeof(Machine).Assembly,
        Root,
        "Commands",
        "Hosting",
        "Services",
        "Admission, Machines",
        "Launch",
        "Acceleration, Helpers",
        "Guest",
        "Qemu",
        "Events",
        "Records",
        "Configuration",
        "Quantities, Processes");

    [Test]
    public void Protobuf_IsUsedAtTheEdgesOnly() => Layers.AssertUsedOnlyIn(
        typeof(Machine).Assembly,
        Root,
        ["Google.Protobuf", "OpenShell.Protocol.Compute.V1"],
        "Hosting",
        "Services",
        "Guest");

    [Test]
    public void NativeFunctions_AreDeclaredInLinuxOnly() => Layers.AssertNativeOnlyIn(typeof(Machine).Assembly, Root);
}
