using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.Forwards;

/// <summary><c>openshell forward</c>: the group.</summary>
internal sealed class ForwardCommand : Command
{
    public ForwardCommand(CliHost host, GatewayConnector connector, SandboxNames names)
        : base("forward", "Forward local ports into sandboxes")
    {
        Subcommands.Add(new ForwardStartCommand(host, connector, names));
        Subcommands.Add(new ForwardListCommand(host));
        Subcommands.Add(new ForwardStopCommand(host));
    }
}
