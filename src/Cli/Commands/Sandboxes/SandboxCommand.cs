using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox</c>: the group.</summary>
internal sealed class SandboxCommand : Command
{
    public SandboxCommand(CliHost host, GatewayConnector connector, GatewayStore store, SandboxNames names)
        : base("sandbox", "Create, list, use and delete sandboxes")
    {
        Aliases.Add("sb");
        Subcommands.Add(new SandboxCreateCommand(host, connector));
        Subcommands.Add(new SandboxListCommand(host, connector));
        Subcommands.Add(new SandboxGetCommand(host, connector, names));
        Subcommands.Add(new SandboxDeleteCommand(host, connector, names));
        Subcommands.Add(new SandboxStopCommand(host, connector, names));
        Subcommands.Add(new SandboxStartCommand(host, connector, names));
        Subcommands.Add(new SandboxExecCommand(host, connector, names));
        Subcommands.Add(new SandboxShellCommand(host, connector, names));
        Subcommands.Add(new SandboxAttachCommand(host, connector, names));
        Subcommands.Add(new SandboxConnectCommand(host, connector, store, names));
        Subcommands.Add(new SandboxSshConfigCommand(host, connector, store, names));
        Subcommands.Add(new SshAccessCommand(host, connector, names));
        Subcommands.Add(new SandboxUploadCommand(host, connector, names));
        Subcommands.Add(new SandboxDownloadCommand(host, connector, names));
    }
}
