using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Ssh;

/// <summary>Who comes to the public SSH gateway and goes, for the gateway's log and for the sandbox's.</summary>
internal sealed class SshConnectionNotes(SandboxJournal journal, TimeProvider time, ILogger<SshConnectionNotes> logger)
{
    /// <param name="refusal">Why nothing can be had over it; null: it can.</param>
    /// <returns>To be called when the connection is over.</returns>
    public Action Admitted(AccessLease connection, string address, string credential, string? refusal)
    {
        var since = time.GetTimestamp();
        SshGatewayLog.Admitted(logger, address, connection.SandboxId, credential);
        Note(connection, address, NetworkActivityKind.Open, null, refusal ?? "");
        return () =>
        {
            var reason = connection.EndReason ?? "done";
            SshGatewayLog.Left(logger, address, connection.SandboxId, credential, time.GetElapsedTime(since), reason);
            Note(connection, address, NetworkActivityKind.Close, time.GetElapsedTime(since), reason);
        };
    }

    public void Refused(string address, string reason) => SshGatewayLog.Refused(logger, address, reason);

    private void Note(AccessLease connection, string address, NetworkActivityKind kind, TimeSpan? duration, string reason) =>
        journal.Network(connection.SandboxId, new NetworkActivity(kind, "ssh connection", connection.CredentialId, $"from {address}")
        {
            Duration = duration,
            Reason = reason,
        });
}
