using System.CommandLine;
using System.Text.Json.Nodes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Workspaces;

/// <summary><c>openshell workspace member list</c>.</summary>
internal sealed class MemberListCommand : ConnectedCommand
{
    private readonly PageOptions _page = new();
    private readonly OutputOption _output = new();

    public MemberListCommand(CliContext context, GatewayConnector connector)
        : base("list", "List who may use the workspace", context, connector)
    {
        _page.AddTo(this);
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var page = await Pages.ReadAsync(_page.Of(parsed), async (size, token) =>
        {
            var request = new ListWorkspaceMembersRequest { WorkspaceScope = connection.Scope, PageSize = size, PageToken = token };
            var response = await connection.Client.ListWorkspaceMembersAsync(request, connection.Unary(cancellationToken));
            return new Page<WorkspaceMember>(response.Members, response.NextPageToken);
        });
        var table = new TextTable("SUBJECT", "ROLE", "CREATED");
        foreach (var member in page.Items)
        {
            table.Add(member.PrincipalSubject, WorkspaceView.Role(member.Role), TimeText.Text(member.Metadata?.CreatedTime) ?? "");
        }

        table.WriteList(Context, _output.Of(parsed), new JsonArray([.. page.Items.Select(WorkspaceView.Document)]), "No members found.");
        await SayNextPageAsync(page.NextToken);
        return ExitCodes.Ok;
    }
}
