using System.CommandLine;
using System.Text.Json.Nodes;
using Google.Protobuf.Collections;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox list</c>.</summary>
internal sealed class SandboxListCommand : ConnectedCommand
{
    private readonly CountOption _limit = new("--limit", "Most sandboxes to list; 0 is the gateway's default", "N");
    private readonly CountOption _offset = new("--offset", "Sandboxes to skip", "N");
    private readonly Flag _names = new("--names", "Print names only, one per line");
    private readonly Flag _ids = new("--ids", "Print ids only, one per line");
    private readonly TextOption _selector = new("--selector", "Only sandboxes with these labels: KEY=VALUE,…", "LABELS");
    private readonly OutputOption _output = new();

    public SandboxListCommand(CliContext context, GatewayConnector connector)
        : base("list", "List sandboxes", context, connector)
    {
        Options.Add(_limit);
        Options.Add(_offset);
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
            Limit = _limit.Of(parsed),
            Offset = _offset.Of(parsed),
            LabelSelector = parsed.GetValue(_selector) ?? "",
        };
        var response = await connection.Client.ListSandboxesAsync(request, connection.Unary(cancellationToken));
        Print(parsed, response.Sandboxes);
        return ExitCodes.Ok;
    }

    private void Print(ParseResult parsed, RepeatedField<Sandbox> sandboxes)
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
