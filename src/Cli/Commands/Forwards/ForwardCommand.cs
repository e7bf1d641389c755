using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.Forwards;

/// <summary><c>openshell forward</c>: the group.</summary>
internal sealed class ForwardCommand : Command
{
    public ForwardCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("forward", "Forward local ports into sandboxes")
    {
        Aliases.Add("fwd");
        Subcommands.Add(new ForwardStartCommand(context, connector, names));
        Subcommands.Add(new ForwardServiceCommand(context, connector, names));
        Subcommands.Add(new ForwardListCommand(context));
        Subcommands.Add(new ForwardStopCommand(context));
    }
}
