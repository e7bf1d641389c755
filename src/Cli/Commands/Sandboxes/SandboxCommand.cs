using System.CommandLine;
using OpenShell.Cli.Commands.SshAccess;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox</c>: the group.</summary>
internal sealed class SandboxCommand : Command
{
    public SandboxCommand(CliContext context, GatewayConnector connector, GatewayStore store, SandboxNameCompletion names)
        : base("sandbox", "Create, list, use and delete sandboxes")
    {
        Aliases.Add("sb");
        Subcommands.Add(new SandboxCreateCommand(context, connector, store));
        Subcommands.Add(new SandboxListCommand(context, connector));
        Subcommands.Add(new SandboxGetCommand(context, connector, names));
        Subcommands.Add(new SandboxDeleteCommand(context, connector, names));
        Subcommands.Add(new SandboxStopCommand(context, connector, names));
        Subcommands.Add(new SandboxStartCommand(context, connector, names));
        Subcommands.Add(new SandboxRestartCommand(context, connector, names));
        Subcommands.Add(new SandboxWaitCommand(context, connector, names));
        Subcommands.Add(new SandboxExecCommand(context, connector, names));
        Subcommands.Add(new SandboxShellCommand(context, connector, names));
        Subcommands.Add(new SandboxAttachCommand(context, connector, names));
        Subcommands.Add(new SandboxConnectCommand(context, connector, store, names));
        Subcommands.Add(new SandboxSshConfigCommand(context, connector, store, names));
        Subcommands.Add(new SshAccessCommand(context, connector, names));
        Subcommands.Add(new SandboxUploadCommand(context, connector, names));
        Subcommands.Add(new SandboxDownloadCommand(context, connector, names));
    }
}
