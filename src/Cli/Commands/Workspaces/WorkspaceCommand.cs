using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.Workspaces;

/// <summary><c>openshell workspace</c>: the group.</summary>
internal sealed class WorkspaceCommand : Command
{
    public WorkspaceCommand(CliContext context, GatewayConnector connector)
        : base("workspace", "Create, list and delete workspaces, which hold sandboxes; and their members")
    {
        Aliases.Add("ws");
        var names = new WorkspaceNameCompletion(connector);
        Subcommands.Add(new WorkspaceCreateCommand(context, connector));
        Subcommands.Add(new WorkspaceListCommand(context, connector));
        Subcommands.Add(new WorkspaceGetCommand(context, connector, names));
        Subcommands.Add(new WorkspaceDeleteCommand(context, connector, names));
        Subcommands.Add(new Command("member", "Who may use a workspace, that of --workspace")
        {
            new MemberAddCommand(context, connector),
            new MemberListCommand(context, connector),
            new MemberRemoveCommand(context, connector),
        });
    }
}
