using OpenShell.Gateway.Logs;
using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Watch;

/// <summary>
/// What the gateway itself writes into sandboxes' logs. Never arguments, environments or tokens. Lines about a sandbox
/// that is not known (any more) are dropped.
/// </summary>
internal sealed class SandboxJournal(SandboxEventHub events, TimeProvider time)
{
    /// <summary>Begins the log of a sandbox that has just been stored or was found in the store.</summary>
    public void Open(string sandboxId) => events.Open(sandboxId);

    /// <summary>A line.</summary>
    /// <param name="level">One of <see cref="LogLevels"/>.</param>
    /// <param name="target">The feature: "sandbox", "session", "readiness".</param>
    public void Note(string sandboxId, string level, string target, string message) =>
        Publish(sandboxId, level, target, message, []);

    /// <summary>A session or a relay was opened, ended or failed.</summary>
    public void Network(string sandboxId, NetworkActivity activity) =>
        Publish(sandboxId, LogLevels.Ocsf, NetworkActivity.LineTarget, activity.Message, activity.Fields());

    private void Publish(string sandboxId, string level, string target, string message, KeyValuePair<string, string>[] fields) =>
        events.PublishLog(sandboxId, new SandboxLogLine(time.GetUtcNow(), level, target, message, LogSources.Gateway, fields).Harmless());
}
