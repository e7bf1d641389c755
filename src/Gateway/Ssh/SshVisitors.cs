using System.Net;
using OpenShell.Gateway.Exec;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Watch;

namespace OpenShell.Gateway.Ssh;

/// <summary>Receives connections to the public SSH gateway.</summary>
internal sealed class SshVisitors(
    SshAdmission admission,
    SshAttempts attempts,
    ExecLauncher launcher,
    RelayBroker relays,
    SandboxJournal journal,
    TimeProvider time,
    ILogger<SshVisitor> logger)
{
    /// <summary>Who comes from an address; null if it has failed too often to be listened to.</summary>
    public SshVisitor? Receive(IPAddress address) => attempts.IsBlocked(address)
        ? null
        : new SshVisitor(address, admission, attempts, launcher, relays, journal, time, logger);
}
