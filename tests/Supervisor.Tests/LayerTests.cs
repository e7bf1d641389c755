using OpenShell.Supervisor.Hosting;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests;

/// <summary>The order of the supervisor's folders.</summary>
internal sealed class LayerTests
{
    [Test]
    public void Folders_UseOnlyThoseBelow() => Layers.AssertFloors(
        typeof(SandboxHost).Assembly,
        "OpenShell.Supervisor",
        "Hosting",
        "Sessions, Ssh",
        "Relays",
        "Exec",
        "MainProcess",
        "ProcessIO",
        "Processes",
        "Policy",
        "Helper",
        "Boot, Clock, Power, Uplink, Users",
        "Files",
        "Logs",
        "Gateway",
        "Polling",
        "Native");
}
