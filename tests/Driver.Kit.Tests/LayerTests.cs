using OpenShell.Driver.Kit.Hosting;
using OpenShell.TestKit;

namespace OpenShell.Driver.Kit.Tests;

/// <summary>The process of a driver stands on its watches.</summary>
internal sealed class LayerTests
{
    [Test]
    public void Folders_UseOnlyThoseBelow() => Layers.AssertFloors(typeof(DriverServer).Assembly, "OpenShell.Driver.Kit", "Hosting", "Watch");
}
