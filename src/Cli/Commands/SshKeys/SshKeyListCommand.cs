using System.CommandLine;
using System.Text.Json.Nodes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Cli.Commands.SshKeys;

/// <summary><c>openshell ssh-key list</c>.</summary>
internal sealed class SshKeyListCommand : ConnectedCommand
{
    private readonly OutputOption _output = new();

    public SshKeyListCommand(CliContext context, GatewayConnector connector)
        : base("list", "List the keys that may come in", context, connector)
    {
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var response = await connection.SshAccess.ListSshKeysAsync(new ListSshKeysRequest(), connection.Unary(cancellationToken));
        var table = new TextTable("FINGERPRINT", "TYPE", "COMMENT", "CREATED");
        foreach (var key in response.Keys)
        {
            table.Add(key.Fingerprint, key.Type, key.Comment, TimeText.Text(key.CreatedTime) ?? "");
        }

        table.WriteList(Context, _output.Of(parsed), new JsonArray([.. response.Keys.Select(Document)]), "No keys found.");
        return ExitCodes.Ok;
    }

    private static JsonObject Document(SshKey key) => new()
    {
        ["fingerprint"] = key.Fingerprint,
        ["type"] = key.Type,
        ["comment"] = key.Comment,
        ["created_at"] = TimeText.Text(key.CreatedTime),
    };
}
