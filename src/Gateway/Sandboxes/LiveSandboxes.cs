using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>What the gateway holds in memory about sandboxes, for those who change their life.</summary>
internal sealed class LiveSandboxes(
    SandboxGates gates, BackendTable backends, SessionRegistry sessions, RelayBroker relays, ReadinessController readiness)
{
    public SandboxGates Gates => gates;

    public BackendTable Backends => backends;

    public SessionRegistry Sessions => sessions;

    public RelayBroker Relays => relays;

    public ReadinessController Readiness => readiness;

    public SandboxJournal Journal => readiness.Journal;

    /// <summary>Drops every trace of a sandbox whose row has gone.</summary>
    public void Forget(string sandboxId)
    {
        sessions.Forget(sandboxId);
        readiness.Removed(sandboxId);
    }
}
