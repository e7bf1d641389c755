using System.CommandLine;
using System.CommandLine.Parsing;
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
    private readonly Flag _allWorkspaces = new("--all-workspaces", "List the sandboxes of every workspace, for administrators of the gateway", "-A");
    private readonly Flag _names = new("--names", "Print names only, one per line");
    private readonly Flag _ids = new("--ids", "Print ids only, one per line");
    private readonly TextOption _selector = new("--selector", "Only sandboxes with these labels: KEY=VALUE,…", "LABELS", "-l");
    private readonly Flag _watch = new("--watch", "Go on showing what changes, until interrupted", "-w");
    private readonly OutputOption _output = new();

    public SandboxListCommand(CliContext context, GatewayConnector connector)
        : base("list", "List sandboxes", context, connector)
    {
        Aliases.Add("ls");
        _page.AddTo(this);
        Options.Add(_allWorkspaces);
        Options.Add(_names);
        Options.Add(_ids);
        Options.Add(_selector);
        Options.Add(_watch);
        Options.Add(_output);
        Validators.Add(Check);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var filter = new ListSandboxesRequest
        {
            LabelSelector = parsed.GetValue(_selector) ?? "",
            WorkspaceScope = parsed.GetValue(_allWorkspaces) ? new WorkspaceSelector { AllWorkspaces = new AllWorkspaces() } : connection.Scope,
        };
        var rows = new SandboxRows(Context, parsed.GetValue(_allWorkspaces));
        if (parsed.GetValue(_watch))
        {
            await new SandboxListWatch(Context, rows, _output.Of(parsed)).RunAsync(
                async () => (await SandboxLists.ReadAsync(connection, filter, PageRequest.All, cancellationToken)).Items, cancellationToken);
        }

        var page = await SandboxLists.ReadAsync(connection, filter, _page.Of(parsed), cancellationToken);
        Print(parsed, page.Items, rows);
        await SayNextPageAsync(page.NextToken);
        return ExitCodes.Ok;
    }

    private void Check(CommandResult result)
    {
        if (result.GetValue(_names) && result.GetValue(_ids))
        {
            result.AddError("--names and --ids exclude each other");
        }

        if (!result.GetValue(_watch))
        {
            return;
        }

        if (result.GetValue(_names) || result.GetValue(_ids) || _page.IsGiven(result))
        {
            result.AddError("--watch shows the whole list: it excludes --names, --ids, --page-size and --page-token");
        }

        if (result.GetValue(_output) == "yaml")
        {
            result.AddError("--watch prints table or json, one line each; yaml has no lines");
        }
    }

    private void Print(ParseResult parsed, IReadOnlyList<Sandbox> sandboxes, SandboxRows rows)
    {
        if (parsed.GetValue(_names) || parsed.GetValue(_ids))
        {
            foreach (var sandbox in sandboxes)
            {
                Context.Console.Out.WriteLine(SafeText.OneLine(parsed.GetValue(_names) ? sandbox.Metadata.Name : sandbox.Metadata.Id));
            }

            return;
        }

        var documents = new JsonArray([.. sandboxes.Select(SandboxView.Summary)]);
        rows.Table(sandboxes).WriteList(Context, _output.Of(parsed), documents, "No sandboxes found.");
    }
}
