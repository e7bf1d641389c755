using System.Net;

namespace OpenShell.Gateway.Ssh;

/// <summary>Makes the authenticators of connections to the public SSH gateway.</summary>
internal sealed class SshAuthenticatorFactory(
    SshAdmission admission, SshAttempts attempts, RelaySshHandlerFactory handlers, SshConnectionNotes notes)
{
    /// <summary>For a connection from an address; null if that has failed too often to be listened to.</summary>
    public SshConnectionAuthenticator? Create(IPAddress address) => attempts.IsBlocked(address)
        ? null
        : new SshConnectionAuthenticator(address, admission, attempts, handlers, notes);
}
