using System.CommandLine;
using System.Text.Json.Nodes;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands;

/// <summary><c>openshell status</c>. Its exit code is for scripts: 5 if the selected gateway does not answer, 1 if what answers is none.</summary>
internal sealed class StatusCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly OutputOption _output = new();

    public StatusCommand(CliContext context, GatewayConnector connector)
        : base("status", "Show whether the gateway answers", context)
    {
        _connector = connector;
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var format = _output.Of(parsed);
        if (_connector.Find(parsed) is not { } target)
        {
            PrintNoGateway(format);
            return ExitCodes.Ok;
        }

        var status = await GatewayStatus.AskAsync(target, cancellationToken);
        Print(target, status, format);
        return status.ExitCode;
    }

    private void Print(GatewayTarget target, GatewayStatus status, OutputFormat format)
    {
        if (format != OutputFormat.Table)
        {
            var document = new JsonObject
            {
                ["gateway"] = target.Name,
                ["server"] = target.Endpoint.ToString(),
                ["status"] = status.Key,
                ["version"] = status.Version,
                ["error"] = status.Error,
            };
            if (status.Warnings.Count > 0)
            {
                document["warnings"] = new JsonArray([.. status.Warnings.Select(warning => (JsonNode)warning)]);
            }

            DocumentWriter.Write(Context.Console.Out, document, format);
            return;
        }

        var palette = Context.OutPalette;
        var output = Context.Console.Out;
        output.WriteLine(palette.Bold("Server Status"));
        output.WriteLine($"  Gateway: {target.Name ?? "-"}");
        output.WriteLine($"  Server: {target.Endpoint}");
        output.WriteLine($"  Status: {Styled(status, palette)}");
        if (status.Version is { } version)
        {
            output.WriteLine($"  Version: {SafeText.OneLine(version)}");
        }

        if (status.Error is { } error)
        {
            output.WriteLine($"  Error: {SafeText.OneLine(error)}");
        }

        foreach (var warning in status.Warnings)
        {
            output.WriteLine($"  Warning: {SafeText.OneLine(warning)}");
        }
    }

    private void PrintNoGateway(OutputFormat format)
    {
        if (format != OutputFormat.Table)
        {
            var document = new JsonObject
            {
                ["gateway"] = null,
                ["server"] = null,
                ["status"] = "disconnected",
                ["version"] = null,
                ["error"] = "no gateway configured",
            };
            DocumentWriter.Write(Context.Console.Out, document, format);
            return;
        }

        Context.Console.Out.WriteLine("No gateway configured.");
        Context.Console.Out.WriteLine("Add one with: openshell gateway add <endpoint>");
    }

    private static string Styled(GatewayStatus status, Palette palette) => status.Key switch
    {
        "connected" or "connected_http" => palette.Good(status.Label),
        _ => palette.Bad(status.Label),
    };
}
