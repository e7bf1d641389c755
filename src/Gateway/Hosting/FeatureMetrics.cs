using System.Runtime.CompilerServices;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Exec;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Hosting;

/// <summary>The features that count something.</summary>
internal static class FeatureMetrics
{
    private static readonly Type[] Features =
    [
        typeof(ConnectionMetrics), typeof(SessionMetrics), typeof(RelayMetrics), typeof(ExecMetrics), typeof(PhaseMetrics),
        typeof(StoreMetrics), typeof(DriverMetrics),
    ];

    /// <summary>Makes every instrument known before its first event, so that an exporter shows all of them from the start.</summary>
    public static void Declare() => Array.ForEach(Features, feature => RuntimeHelpers.RunClassConstructor(feature.TypeHandle));
}
