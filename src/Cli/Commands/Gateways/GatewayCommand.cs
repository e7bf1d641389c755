using System.CommandLine;
using OpenShell.Cli.Config;
using OpenShell.Cli.Hosting;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary><c>openshell gateway</c>: the group.</summary>
internal sealed class GatewayCommand : Command
{
    public GatewayCommand(CliHost host, GatewayStore store)
        : base("gateway", "Configure the gateways that this command talks to")
    {
        Aliases.Add("gw");
        Subcommands.Add(new GatewayAddCommand(host, store));
        Subcommands.Add(new GatewayRemoveCommand(host, store));
        Subcommands.Add(new GatewayListCommand(host, store));
        Subcommands.Add(new GatewaySelectCommand(host, store));
        Subcommands.Add(new GatewayInfoCommand(host, store));
    }
}
