using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using OpenShell.Cli.Commands;
using OpenShell.Cli.Commands.Completion;
using OpenShell.Cli.Commands.Forwards;
using OpenShell.Cli.Commands.Gateways;
using OpenShell.Cli.Commands.Help;
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

    /// <summary>How a command is run: with the console of the context, and its exceptions left to the caller.</summary>
    public static InvocationConfiguration Invocation(CliContext context) => new()
    {
        Output = context.Console.Out,
        Error = context.Console.Error,
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    };

    public static RootCommand Build(CliContext context, GlobalOptions options)
    {
        var root = new RootCommand("Sandboxes in microVMs, for agents and people");
        root.Directives.Clear();
        ReplaceVersionOption(root, context);
        AddExamplesToHelp(root);
        var store = new GatewayStore(context.Environment);
        options.AddTo(root);
        options.Complete(() => store.List().Select(entry => entry.Name));
        var connector = new GatewayConnector(context, options);
        var names = new SandboxNameCompletion(connector);
        var sandbox = new SandboxCommand(context, connector, store, names);
        root.Subcommands.Add(new StatusCommand(context, connector));
        root.Subcommands.Add(sandbox);
        AddShortcuts(root, sandbox);
        root.Subcommands.Add(new SandboxRunCommand(context, sandbox, ParserConfiguration));
        root.Subcommands.Add(new SandboxCpCommand(context, connector, names));
        root.Subcommands.Add(new SandboxInspectCommand(context, connector, names));
        root.Subcommands.Add(new LogsCommand(context, connector, names));
        root.Subcommands.Add(new ForwardCommand(context, connector, names));
        root.Subcommands.Add(new SshProxyCommand(context, connector, names));
        root.Subcommands.Add(new WorkspaceCommand(context, connector));
        root.Subcommands.Add(new WhoamiCommand(context, connector));
        root.Subcommands.Add(new SshKeyCommand(context, connector));
        root.Subcommands.Add(new GatewayCommand(context, connector, store));
        root.Subcommands.Add(new CompletionCommand(context));
        root.Subcommands.Add(new CompleteCommand(context, ParserConfiguration));
        root.Subcommands.Add(new HelpCommand(context, ParserConfiguration));
        return root;
    }

    // The words under which docker and kubectl have what is a subcommand of sandbox here.
    private static void AddShortcuts(RootCommand root, SandboxCommand sandbox)
    {
        root.Subcommands.Add(Shortcut.To(sandbox, "list", "ps", "ls"));
        root.Subcommands.Add(Shortcut.To(sandbox, "delete", "rm"));
        foreach (var name in (string[])["exec", "attach", "start", "stop", "restart", "wait"])
        {
            root.Subcommands.Add(Shortcut.To(sandbox, name, name));
        }
    }

    private static void AddExamplesToHelp(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesHelpAction((HelpAction)help.Action!);
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
