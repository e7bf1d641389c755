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

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var entries = _store.List();
        var active = _store.Active;
        var table = new TextTable("NAME", "ENDPOINT", "SOURCE", "ACTIVE");
        foreach (var entry in entries)
        {
            table.Add(entry.Name, entry.Endpoint, GatewayView.Source(entry), entry.Name == active ? "*" : "");
        }

        var documents = new JsonArray([.. entries.Select(entry => GatewayView.Document(entry, active))]);
        const string None = "No gateways found.\nAdd one with: openshell gateway add <endpoint>";
        table.WriteList(Context, _output.Of(parsed), documents, None);
        return Task.FromResult(ExitCodes.Ok);
    }
}
