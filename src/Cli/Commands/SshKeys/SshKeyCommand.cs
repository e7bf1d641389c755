using System.CommandLine;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.SshKeys;

/// <summary><c>openshell ssh-key</c>: the group.</summary>
internal sealed class SshKeyCommand : Command
{
    public SshKeyCommand(CliHost host, GatewayConnector connector)
        : base("ssh-key", "Keys that may come in at the gateway's SSH listener, with a sandbox's name as user name")
    {
        Subcommands.Add(new SshKeyAddCommand(host, connector));
        Subcommands.Add(new SshKeyListCommand(host, connector));
        Subcommands.Add(new SshKeyRemoveCommand(host, connector));
    }
}
