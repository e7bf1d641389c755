using System.CommandLine;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary><c>openshell gateway</c>: the group.</summary>
internal sealed class GatewayCommand : Command
{
    public GatewayCommand(CliContext context, GatewayConnector connector, GatewayStore store)
        : base("gateway", "Configure the gateways that this command talks to")
    {
        Aliases.Add("gw");
        Subcommands.Add(new GatewayAddCommand(context, store));
        Subcommands.Add(new GatewayRemoveCommand(context, store));
        Subcommands.Add(new GatewayListCommand(context, store));
        Subcommands.Add(new GatewaySelectCommand(context, store));
        Subcommands.Add(new GatewayInfoCommand(context, connector, store));
        Subcommands.Add(new GatewayUpgradeCheckCommand(context, connector));
    }
}
