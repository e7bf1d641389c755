using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox get [NAME]</c>, with its recent events.</summary>
internal sealed class SandboxGetCommand : ConnectedCommand
{
    private readonly SandboxNameArgument _name;
    private readonly OutputOption _output = new();

    public SandboxGetCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("get", "Show one sandbox and its recent events", context, connector)
    {
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var sandbox = await new SandboxFinder(Context).FindAsync(connection, parsed.GetValue(_name), cancellationToken);
        var events = await new RecentEvents(connection, Context.Time).ReadAsync(sandbox, cancellationToken);
        if (_output.Of(parsed) is not OutputFormat.Table and var format)
        {
            DocumentWriter.Write(Context.Console.Out, SandboxView.Details(sandbox, events), format);
        }
        else
        {
            new SandboxDetails(Context.Console.Out, Context.OutPalette).Write(sandbox, events);
        }

        return ExitCodes.Ok;
    }
}
