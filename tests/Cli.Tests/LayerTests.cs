using OpenShell.TestKit;

namespace OpenShell.Cli.Tests;

/// <summary>The order of the command line's folders.</summary>
internal sealed class LayerTests
{
    private const string Root = "OpenShell.Cli";

    [Test]
    public void Folders_UseOnlyThoseBelow() => Layers.AssertFloors(
        typeof(CommandTree).Assembly,
        Root,
        "",
        "Commands",
        "Completion, Forwarding, Policies, Provisioning, Ssh, Transfer",
        "Exec",
        "Rpc",
        "Parsing",
        "Config, Output",
        "Context",
        "Text");

    [Test]
    public void LibcFunctions_AreDeclaredInLinuxOnly() => Layers.AssertNativeOnlyIn(typeof(CommandTree).Assembly, Root);
}
