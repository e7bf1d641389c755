using System.CommandLine;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.SshKeys;

/// <summary><c>openshell ssh-key</c>: the group.</summary>
internal sealed class SshKeyCommand : Command
{
    public SshKeyCommand(CliContext context, GatewayConnector connector)
        : base("ssh-key", "Keys that may come in at the gateway's SSH listener, with a sandbox's name as user name")
    {
        Subcommands.Add(new SshKeyAddCommand(context, connector));
        Subcommands.Add(new SshKeyListCommand(context, connector));
        Subcommands.Add(new SshKeyRemoveCommand(context, connector));
    }
}
