using System.CommandLine;
using System.Text.Json.Nodes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox list</c>.</summary>
internal sealed class SandboxListCommand : ConnectedCommand
{
    private readonly PageOptions _page = new();
    private readonly Flag _allWorkspaces = new("--all-workspaces", "List the sandboxes of every workspace, for administrators of the gateway");
    private readonly Flag _names = new("--names", "Print names only, one per line");
    private readonly Flag _ids = new("--ids", "Print ids only, one per line");
    private readonly TextOption _selector = new("--selector", "Only sandboxes with these labels: KEY=VALUE,…", "LABELS", "-l");
    private readonly OutputOption _output = new();

    public SandboxListCommand(CliContext context, GatewayConnector connector)
        : base("list", "List sandboxes", context, connector)
    {
        _page.AddTo(this);
        Options.Add(_allWorkspaces);
        Options.Add(_names);
        Options.Add(_ids);
        Options.Add(_selector);
        Options.Add(_output);
        Validators.Add(result =>
        {
            if (result.GetValue(_names) && result.GetValue(_ids))
            {
                result.AddError("--names and --ids exclude each other");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var request = new ListSandboxesRequest
        {
            LabelSelector = parsed.GetValue(_selector) ?? "",
            WorkspaceScope = parsed.GetValue(_allWorkspaces) ? new WorkspaceSelector { AllWorkspaces = new AllWorkspaces() } : connection.Scope,
        };
        var page = await SandboxLists.ReadAsync(connection, request, _page.Of(parsed), cancellationToken);
        Print(parsed, page.Items);
        await SayNextPageAsync(page.NextToken);
        return ExitCodes.Ok;
    }

    private void Print(ParseResult parsed, IReadOnlyList<Sandbox> sandboxes)
    {
        if (parsed.GetValue(_names) || parsed.GetValue(_ids))
        {
            foreach (var sandbox in sandboxes)
            {
                Context.Console.Out.WriteLine(SafeText.OneLine(parsed.GetValue(_names) ? sandbox.Metadata.Name : sandbox.Metadata.Id));
            }

            return;
        }

        var table = new TextTable("NAME", "CREATED", "PHASE").Style(2, phase => PhaseText.Styled(phase, Context.OutPalette));
        foreach (var sandbox in sandboxes)
        {
            table.Add(sandbox.Metadata.Name, SandboxView.CreatedAt(sandbox), PhaseText.Of(sandbox));
        }

        table.WriteList(Context, _output.Of(parsed), new JsonArray([.. sandboxes.Select(SandboxView.Summary)]), "No sandboxes found.");
    }
}
