using System.CommandLine;
using OpenShell.Cli.Commands;
using OpenShell.Cli.Commands.Forwards;
using OpenShell.Cli.Commands.Gateways;
using OpenShell.Cli.Commands.Sandboxes;
using OpenShell.Cli.Commands.SshKeys;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli;

/// <summary>Puts the commands together. Nothing here touches a file or the network.</summary>
internal static class CommandTree
{
    // An argument that begins with @ is an argument, not a file of more arguments.
    public static readonly ParserConfiguration ParserConfiguration = new() { ResponseFileTokenReplacer = null };

    public static RootCommand Build(CliHost host)
    {
        var root = new RootCommand("Sandboxes in microVMs, for agents and people");
        root.Directives.Clear();
        ReplaceVersionOption(root, host);
        var store = new GatewayStore(host.Environment);
        var options = new GlobalOptions();
        options.AddTo(root);
        options.Complete(() => store.List().Select(entry => entry.Name));
        var connector = new GatewayConnector(host, options);
        var names = new SandboxNames(connector);
        root.Subcommands.Add(new StatusCommand(host, connector));
        root.Subcommands.Add(new SandboxCommand(host, connector, store, names));
        root.Subcommands.Add(new LogsCommand(host, connector, names));
        root.Subcommands.Add(new ForwardCommand(host, connector, names));
        root.Subcommands.Add(new SshProxyCommand(host, connector, names));
        root.Subcommands.Add(new SshKeyCommand(host, connector));
        root.Subcommands.Add(new GatewayCommand(host, store));
        root.Subcommands.Add(new CompletionCommand(host));
        root.Subcommands.Add(new CompleteCommand(host));
        return root;
    }

    private static void ReplaceVersionOption(RootCommand root, CliHost host)
    {
        if (root.Options.OfType<VersionOption>().FirstOrDefault() is { } original)
        {
            root.Options.Remove(original);
        }

        root.Options.Add(new VersionOption("--version", "-V") { Description = "Show the version", Action = new VersionAction(host) });
    }
}
