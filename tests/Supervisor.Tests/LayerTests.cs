using OpenShell.Supervisor.Hosting;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests;

/// <summary>The order of the supervisor's folders.</summary>
internal sealed class LayerTests
{
    [Test]
    public void Folders_UseOnlyThoseBelow() => Layers.AssertFloors(
        typeof(SupervisorRuntime).Assembly,
        "OpenShell.Supervisor",
        "Hosting",
        "Sessions, Ssh",
        "Relays",
        "Exec",
        "Login, MainProcess",
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

    // The supervisor's own C alone; the C library's functions are src/Linux's.
    [Test]
    public void NativeFunctions_AreDeclaredInNativeOnly() =>
        Layers.AssertNativeOnlyIn(typeof(SupervisorRuntime).Assembly, "OpenShell.Supervisor", "Native");
}
