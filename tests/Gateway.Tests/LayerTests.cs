using OpenShell.Gateway.Hosting;
using OpenShell.TestKit;

namespace OpenShell.Gateway;

/// <summary>The order of the gateway's folders; docs/architecture.md says what each is for.</summary>
internal sealed class LayerTests
{
    private const string Root = "OpenShell.Gateway";

    [Test]
    public void Folders_UseOnlyThoseBelow() => Layers.AssertFloors(
        typeof(GatewayHost).Assembly,
        Root,
        "Hosting",
        "Services",
        "Lifecycle, Supervisors, Ssh",
        "Compute, Exec, Forwarding, Observability, Memory",
        "SshAccess, Admission",
        "Readiness, Relays",
        "Sessions",
        "Connections",
        "Auth, Watch",
        "Http, Sandboxes",
        "Workspaces",
        "Store",
        "Telemetry, Logs, Concurrency",
        "Configuration");

    // Exec frames, and the first frame of ForwardTcp, are read where the streams are served that carry them.
    [Test]
    public void Protobuf_IsUsedAtTheEdgesOnly() => Layers.AssertUsedOnlyIn(
        typeof(GatewayHost).Assembly,
        Root,
        ["Google.Protobuf", "OpenShell.Protocol.V1", "OpenShell.Protocol.Compute.V1"],
        "Services",
        "Compute",
        "Exec",
        "Forwarding",
        "Ssh");

    // The details of errors.
    [Test]
    public void GoogleRpc_IsUsedInServicesOnly() => Layers.AssertUsedOnlyIn(typeof(GatewayHost).Assembly, Root, ["Google.Rpc"], "Services");

    [Test]
    public void MessagesOfTheDriver_AreUsedInComputeOnly() => Layers.AssertUsedOnlyIn(
        typeof(GatewayHost).Assembly, Root, ["OpenShell.Protocol.Compute.V1"], "Compute");

    [Test]
    public void Sql_IsUsedInTheStoreOnly() => Layers.AssertUsedOnlyIn(typeof(GatewayHost).Assembly, Root, ["Microsoft.Data.Sqlite"], "Store");

    [Test]
    public void NativeFunctions_AreNotDeclaredHere() => Layers.AssertNativeOnlyIn(typeof(GatewayHost).Assembly, Root);
}
