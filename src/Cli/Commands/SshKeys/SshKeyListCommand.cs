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
internal sealed class SshKeyListCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly OutputOption _output = new();

    public SshKeyListCommand(CliContext context, GatewayConnector connector)
        : base("list", "List the keys that may come in", context)
    {
        _connector = connector;
        Options.Add(_output);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        _connector.RunAsync(parsed, async connection =>
        {
            var response = await connection.SshAccess.ListSshKeysAsync(new ListSshKeysRequest(), connection.Unary(cancellationToken));
            var format = _output.Of(parsed);
            if (format != OutputFormat.Table)
            {
                DocumentWriter.Write(Context.Console.Out, new JsonArray([.. response.Keys.Select(Document)]), format);
            }
            else if (response.Keys.Count == 0)
            {
                await Context.Console.Out.WriteLineAsync("No keys found.");
            }
            else
            {
                var table = new TextTable("FINGERPRINT", "TYPE", "COMMENT", "CREATED");
                foreach (var key in response.Keys)
                {
                    table.Add(key.Fingerprint, key.Type, key.Comment, SandboxView.Time(key.CreatedAtMs));
                }

                table.Write(Context.Console.Out, Context.OutPalette);
            }

            return ExitCodes.Ok;
        });

    private static JsonObject Document(SshKey key) => new()
    {
        ["fingerprint"] = key.Fingerprint,
        ["type"] = key.Type,
        ["comment"] = key.Comment,
        ["created_at"] = SandboxView.Time(key.CreatedAtMs),
    };
}
