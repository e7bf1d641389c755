using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests;

/// <summary>The order of the SSH server's folders.</summary>
internal sealed class LayerTests
{
    private const string Root = "OpenShell.Ssh";

    [Test]
    public void Folders_UseOnlyThoseBelow() => Layers.AssertFloors(
        typeof(SshServer).Assembly,
        Root,
        "",
        "Client, Connections",
        "Channels",
        "Abstractions, Keys",
        "Loop",
        "Native");

    [Test]
    public void NativeFunctions_AreDeclaredInNativeOnly() => Layers.AssertNativeOnlyIn(typeof(SshServer).Assembly, Root, "Native");
}
