using System.CommandLine;
using System.Text.Json.Nodes;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary><c>openshell gateway list</c>.</summary>
internal sealed class GatewayListCommand : CliCommand
{
    private readonly GatewayStore _store;
    private readonly OutputOption _output = new();

    public GatewayListCommand(CliContext context, GatewayStore store)
        : base("list", "List the configured gateways", context)
    {
        _store = store;
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var entries = _store.List();
        var active = _store.Active;
        var format = _output.Of(parsed);
        var output = Context.Console.Out;
        if (format != OutputFormat.Table)
        {
            DocumentWriter.Write(output, new JsonArray([.. entries.Select(entry => GatewayView.Document(entry, active))]), format);
        }
        else if (entries.Count == 0)
        {
            await output.WriteLineAsync("No gateways found.");
            await output.WriteLineAsync("Add one with: openshell gateway add <endpoint>");
        }
        else
        {
            var table = new TextTable("NAME", "ENDPOINT", "SOURCE", "ACTIVE");
            foreach (var entry in entries)
            {
                table.Add(entry.Name, entry.Endpoint, GatewayView.Source(entry), entry.Name == active ? "*" : "");
            }

            table.Write(output, Context.OutPalette);
        }

        return ExitCodes.Ok;
    }
}
