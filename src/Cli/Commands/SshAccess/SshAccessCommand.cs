using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.SshAccess;

/// <summary><c>openshell sandbox ssh-access</c>: the group.</summary>
internal sealed class SshAccessCommand : Command
{
    public SshAccessCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("ssh-access", "Let others in with plain ssh, through the gateway's SSH listener (openshell-gateway --ssh-bind)")
    {
        Subcommands.Add(new SshAccessCreateCommand(context, connector, names));
        Subcommands.Add(new SshAccessListCommand(context, connector, names));
        Subcommands.Add(new SshAccessRevokeCommand(context, connector, names));
    }
}
