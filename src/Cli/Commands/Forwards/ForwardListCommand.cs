using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Forwarding;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Forwards;

/// <summary><c>openshell forward list</c>: what runs now, of all gateways.</summary>
internal sealed class ForwardListCommand : CliCommand
{
    private readonly OutputOption _output = new();

    public ForwardListCommand(CliContext context)
        : base("list", "List the forwards of this user that run", context) => Options.Add(_output);

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var records = new ForwardStore(Context.Environment).List();
        var table = new TextTable("SANDBOX", "GATEWAY", "LOCAL", "REMOTE", "PID", "DETACHED");
        foreach (var record in records)
        {
            var pid = record.Pid.ToString(CultureInfo.InvariantCulture);
            foreach (var ports in record.Ports)
            {
                table.Add(record.Sandbox, record.Gateway, ports.Local, ports.Remote, pid, record.Detached ? "yes" : "no");
            }
        }

        table.WriteList(Context, _output.Of(parsed), new JsonArray([.. records.SelectMany(Documents)]), "No forwards found.");
        return Task.FromResult(ExitCodes.Ok);
    }

    private static IEnumerable<JsonNode> Documents(ForwardRecord record)
    {
        foreach (var ports in record.Ports)
        {
            var document = ForwardView.Document(ports, record.Sandbox, record.Pid);
            document["gateway"] = record.Gateway;
            document["workspace"] = record.Workspace;
            document["sandbox_id"] = record.SandboxId;
            document["detached"] = record.Detached;
            yield return document;
        }
    }
}
