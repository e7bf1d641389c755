using OpenShell.Linux.Descriptors;
using OpenShell.TestKit;

namespace OpenShell.Linux.Tests;

/// <summary>The order of the ground's own folders.</summary>
internal sealed class LayerTests
{
    [Test]
    public void Folders_UseOnlyThoseBelow() => Layers.AssertFloors(
        typeof(FileDescriptor).Assembly,
        "OpenShell.Linux",
        "Machine",
        "Security, Sockets, Terminals",
        "Processes",
        "Files, Programs",
        "Descriptors",
        "");
}
