using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Workspaces;

/// <summary><c>openshell workspace get NAME</c>.</summary>
internal sealed class WorkspaceGetCommand : ConnectedCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "Name of the workspace" };
    private readonly OutputOption _output = new();

    public WorkspaceGetCommand(CliContext context, GatewayConnector connector, WorkspaceNameCompletion names)
        : base("get", "Show one workspace", context, connector)
    {
        _name.CompletionSources.Add(context => names.List(context.ParseResult));
        Arguments.Add(_name);
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var request = new GetWorkspaceRequest { Name = parsed.GetRequiredValue(_name) };
        var response = await connection.Client.GetWorkspaceAsync(request, connection.Unary(cancellationToken));
        if (_output.Of(parsed) is not OutputFormat.Table and var format)
        {
            DocumentWriter.Write(Context.Console.Out, WorkspaceView.Document(response.Workspace), format);
        }
        else
        {
            WorkspaceView.WriteDetails(Context.Console.Out, response.Workspace, Context.OutPalette);
        }

        return ExitCodes.Ok;
    }
}
