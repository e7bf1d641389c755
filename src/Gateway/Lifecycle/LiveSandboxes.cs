using OpenShell.Gateway.Concurrency;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>What the gateway holds in memory about sandboxes, for those who change their life.</summary>
internal sealed class LiveSandboxes(
    KeyedSemaphore gates, BackendTable backends, SessionRegistry sessions, RelayBroker relays, ReadinessController readiness)
{
    public KeyedSemaphore Gates => gates;

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
