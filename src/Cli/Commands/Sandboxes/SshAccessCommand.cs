using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox ssh-access</c>: the group.</summary>
internal sealed class SshAccessCommand : Command
{
    public SshAccessCommand(CliHost host, GatewayConnector connector, SandboxNames names)
        : base("ssh-access", "Let others in with plain ssh, through the gateway's SSH listener (openshell-gateway --ssh-bind)")
    {
        Subcommands.Add(new SshAccessCreateCommand(host, connector, names));
        Subcommands.Add(new SshAccessListCommand(host, connector, names));
        Subcommands.Add(new SshAccessRevokeCommand(host, connector, names));
    }
}
