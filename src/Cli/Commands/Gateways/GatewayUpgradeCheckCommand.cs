using System.CommandLine;
using System.Text.Json.Nodes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary><c>openshell gateway upgrade-check --to VERSION</c>. Ends with 1 when something blocks the upgrade.</summary>
internal sealed class GatewayUpgradeCheckCommand : ConnectedCommand
{
    private readonly TextOption _to = new("--to", "Version to upgrade to", "VERSION") { Required = true };
    private readonly OutputOption _output = new();

    public GatewayUpgradeCheckCommand(CliContext context, GatewayConnector connector)
        : base("upgrade-check", "Show what stands in the way of an upgrade of the gateway", context, connector)
    {
        Options.Add(_to);
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var request = new CheckGatewayUpgradeRequest { TargetVersion = parsed.GetRequiredValue(_to) };
        var check = await connection.Client.CheckGatewayUpgradeAsync(request, connection.Unary(cancellationToken));
        if (_output.Of(parsed) is not OutputFormat.Table and var format)
        {
            DocumentWriter.Write(Context.Console.Out, Document(check), format);
        }
        else
        {
            await PrintAsync(check);
        }

        return check.BlockingCount > 0 ? ExitCodes.Failed : ExitCodes.Ok;
    }

    private async Task PrintAsync(CheckGatewayUpgradeResponse check)
    {
        var table = new TextTable("SEVERITY", "KIND", "SCOPE", "NAME", "MESSAGE");
        foreach (var finding in check.Findings)
        {
            table.Add(
                GatewayView.Word(finding.Severity), GatewayView.Word(finding.Kind), GatewayView.Word(finding.Scope), NameOf(finding), finding.Message);
        }

        if (!table.IsEmpty)
        {
            table.Write(Context.Console.Out, Context.OutPalette);
        }

        var counts = $"{check.GatewayVersion} to {check.TargetVersion}: {check.BlockingCount} blocking, {check.WarningCount} warnings, "
            + $"{check.CheckedSandboxCount} sandboxes checked";
        await (check.BlockingCount > 0 ? WarnAsync(Text.SafeText.OneLine(counts)) : DoneAsync(Text.SafeText.OneLine(counts)));
    }

    private static string NameOf(GatewayUpgradeFinding finding)
    {
        string[] parts = [finding.Workspace, finding.Sandbox, finding.ConfigName, finding.MiddlewareName];
        return string.Join('/', parts.Where(part => part.Length > 0));
    }

    private static JsonObject Document(CheckGatewayUpgradeResponse check) => new()
    {
        ["target_version"] = check.TargetVersion,
        ["gateway_version"] = check.GatewayVersion,
        ["findings"] = new JsonArray([.. check.Findings.Select(Document)]),
        ["blocking_count"] = check.BlockingCount,
        ["warning_count"] = check.WarningCount,
        ["checked_sandbox_count"] = check.CheckedSandboxCount,
        ["global_policy_active"] = check.GlobalPolicyActive,
    };

    private static JsonObject Document(GatewayUpgradeFinding finding) => new()
    {
        ["kind"] = GatewayView.Word(finding.Kind),
        ["severity"] = GatewayView.Word(finding.Severity),
        ["scope"] = GatewayView.Word(finding.Scope),
        ["workspace"] = finding.Workspace,
        ["sandbox"] = finding.Sandbox,
        ["config_name"] = finding.ConfigName,
        ["middleware_name"] = finding.MiddlewareName,
        ["message"] = finding.Message,
    };
}
