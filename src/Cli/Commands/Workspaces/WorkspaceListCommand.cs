using System.CommandLine;
using System.Text.Json.Nodes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Workspaces;

/// <summary><c>openshell workspace list</c>.</summary>
internal sealed class WorkspaceListCommand : ConnectedCommand
{
    private readonly PageOptions _page = new();
    private readonly TextOption _selector = new("--label-selector", "Only workspaces with these labels: KEY=VALUE,…", "LABELS", "-l", "--selector");
    private readonly OutputOption _output = new();

    public WorkspaceListCommand(CliContext context, GatewayConnector connector)
        : base("list", "List the workspaces that you may use", context, connector)
    {
        _page.AddTo(this);
        Options.Add(_selector);
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var page = await Pages.ReadAsync(_page.Of(parsed), async (size, token) =>
        {
            var request = new ListWorkspacesRequest { PageSize = size, PageToken = token, LabelSelector = parsed.GetValue(_selector) ?? "" };
            var response = await connection.Client.ListWorkspacesAsync(request, connection.Unary(cancellationToken));
            return new Page<Workspace>(response.Workspaces, response.NextPageToken);
        });
        var table = new TextTable("NAME", "PHASE", "CREATED", "LABELS");
        foreach (var workspace in page.Items)
        {
            table.Add(
                workspace.Metadata.Name,
                WorkspaceView.Phase(workspace),
                TimeText.Text(workspace.Metadata.CreatedTime) ?? "",
                Labels.Text(workspace.Metadata.Labels));
        }

        table.WriteList(Context, _output.Of(parsed), new JsonArray([.. page.Items.Select(WorkspaceView.Document)]), "No workspaces found.");
        await SayNextPageAsync(page.NextToken);
        return ExitCodes.Ok;
    }
}
