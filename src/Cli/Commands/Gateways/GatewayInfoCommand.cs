using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary><c>openshell gateway info [NAME]</c>: what is configured; <c>status</c> shows whether it answers.</summary>
internal sealed class GatewayInfoCommand : CliCommand
{
    private readonly GatewayStore _store;
    private readonly GatewayNameArgument _name;
    private readonly OutputOption _output = new();

    public GatewayInfoCommand(CliContext context, GatewayStore store)
        : base("info", "Show one configured gateway", context)
    {
        _store = store;
        _name = new GatewayNameArgument(store) { Arity = ArgumentArity.ZeroOrOne, Description = "Name of the gateway [default: the selected one]" };
        Arguments.Add(_name);
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = parsed.GetValue(_name) ?? Context.Environment.Gateway ?? _store.Active
            ?? throw new CliException(CliError.NotFound("no gateway configured; add one with: openshell gateway add <endpoint>"));
        var entry = _store.Find(GatewayName.Check(name))
            ?? throw new CliException(CliError.NotFound($"gateway '{name}' is not configured; see: openshell gateway list"));
        var format = _output.Of(parsed);
        var output = Context.Console.Out;
        if (format != OutputFormat.Table)
        {
            DocumentWriter.Write(output, GatewayView.Document(entry, _store.Active), format);
            return ExitCodes.Ok;
        }

        var palette = Context.OutPalette;
        await output.WriteLineAsync($"{palette.Bold("Name:")} {entry.Name}");
        await output.WriteLineAsync($"{palette.Bold("Endpoint:")} {entry.Endpoint}");
        await output.WriteLineAsync($"{palette.Bold("Source:")} {GatewayView.Source(entry)}");
        await output.WriteLineAsync($"{palette.Bold("Active:")} {(entry.Name == _store.Active ? "yes" : "no")}");
        await output.WriteLineAsync($"{palette.Bold("Authentication:")} {entry.AuthMode}");
        await output.WriteLineAsync($"{palette.Bold("Token file:")} {entry.TokenFile ?? "-"}{(entry.SendTokenInClear ? " (sent in clear)" : "")}");
        return ExitCodes.Ok;
    }
}
