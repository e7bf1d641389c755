using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell inspect [NAME]</c>: as <c>sandbox get -o json</c>.</summary>
internal sealed class SandboxInspectCommand : ConnectedCommand
{
    private readonly SandboxNameArgument _name;

    public SandboxInspectCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("inspect", "Show everything about a sandbox as JSON (as sandbox get -o json)", context, connector)
    {
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var sandbox = await new SandboxFinder(Context).FindAsync(connection, parsed.GetValue(_name), cancellationToken);
        var events = await new RecentEvents(connection, Context.Time).ReadAsync(sandbox, cancellationToken);
        DocumentWriter.Write(Context.Console.Out, SandboxView.Details(sandbox, events), OutputFormat.Json);
        return ExitCodes.Ok;
    }
}
