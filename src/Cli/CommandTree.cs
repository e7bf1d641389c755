using System.CommandLine;
using System.CommandLine.Invocation;
using OpenShell.Cli.Commands;
using OpenShell.Cli.Commands.Completion;
using OpenShell.Cli.Commands.Forwards;
using OpenShell.Cli.Commands.Gateways;
using OpenShell.Cli.Commands.Sandboxes;
using OpenShell.Cli.Commands.SshKeys;
using OpenShell.Cli.Commands.Workspaces;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli;

/// <summary>Puts the commands together. Nothing here touches a file or the network.</summary>
internal static class CommandTree
{
    // An argument that begins with @ is an argument, not a file of more arguments.
    public static readonly ParserConfiguration ParserConfiguration = new() { ResponseFileTokenReplacer = null };

    public static RootCommand Build(CliContext context)
    {
        var root = new RootCommand("Sandboxes in microVMs, for agents and people");
        root.Directives.Clear();
        ReplaceVersionOption(root, context);
        var store = new GatewayStore(context.Environment);
        var options = new GlobalOptions();
        options.AddTo(root);
        options.Complete(() => store.List().Select(entry => entry.Name));
        var connector = new GatewayConnector(context, options);
        var names = new SandboxNameCompletion(connector);
        root.Subcommands.Add(new StatusCommand(context, connector));
        root.Subcommands.Add(new SandboxCommand(context, connector, store, names));
        root.Subcommands.Add(new LogsCommand(context, connector, names));
        root.Subcommands.Add(new ForwardCommand(context, connector, names));
        root.Subcommands.Add(new SshProxyCommand(context, connector, names));
        root.Subcommands.Add(new WorkspaceCommand(context, connector));
        root.Subcommands.Add(new WhoamiCommand(context, connector));
        root.Subcommands.Add(new SshKeyCommand(context, connector));
        root.Subcommands.Add(new GatewayCommand(context, store));
        root.Subcommands.Add(new CompletionCommand(context));
        root.Subcommands.Add(new CompleteCommand(context, ParserConfiguration));
        return root;
    }

    private static void ReplaceVersionOption(RootCommand root, CliContext context)
    {
        if (root.Options.OfType<VersionOption>().FirstOrDefault() is { } original)
        {
            root.Options.Remove(original);
        }

        root.Options.Add(new VersionOption("--version", "-V") { Description = "Show the version", Action = new VersionAction(context) });
    }
}

/// <summary>Prints <c>openshell VERSION</c>.</summary>
internal sealed class VersionAction(CliContext context) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        context.Console.Out.WriteLine($"openshell {ProgramVersion.Text}");
        return ExitCodes.Ok;
    }
}
