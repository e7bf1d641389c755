using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Cli.Commands.SshAccess;

/// <summary><c>openshell sandbox ssh-access list [NAME]</c>.</summary>
internal sealed class SshAccessListCommand : ConnectedCommand
{
    private readonly Argument<string> _name;
    private readonly OutputOption _output = new();

    public SshAccessListCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("list", "List the access tokens that are good, without the tokens", context, connector)
    {
        _name = new Argument<string>("NAME")
        {
            Description = "Only those of this sandbox",
            Arity = ArgumentArity.ZeroOrOne,
        };
        _name.CompletionSources.Add(context => names.List(context.ParseResult));
        Arguments.Add(_name);
        Options.Add(_output);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var response = parsed.GetValue(_name) is { } name
            ? await new SandboxFinder(Context).UseAsync(connection, name, wanted => ListAsync(connection, wanted, cancellationToken))
            : await ListAsync(connection, "", cancellationToken);
        Print(parsed, response);
        return ExitCodes.Ok;
    }

    private static async Task<ListSshAccessResponse> ListAsync(GatewayConnection connection, string sandbox, CancellationToken cancellationToken)
    {
        var request = new ListSshAccessRequest { Sandbox = sandbox, WorkspaceScope = connection.Scope };
        return await connection.SshAccess.ListSshAccessAsync(request, connection.Unary(cancellationToken));
    }

    private void Print(ParseResult parsed, ListSshAccessResponse response)
    {
        var table = new TextTable("ID", "SANDBOX", "CREATED", "EXPIRES", "CONNECTIONS");
        foreach (var access in response.Access)
        {
            table.Add(
                access.Id,
                access.Sandbox,
                TimeText.Text(access.CreatedTime) ?? "",
                TimeText.Text(access.ExpirationTime) ?? "",
                access.Connections.ToString(CultureInfo.InvariantCulture));
        }

        var documents = new JsonArray([.. response.Access.Select(Document)]);
        table.WriteList(Context, _output.Of(parsed), documents, "No access tokens found.");
    }

    private static JsonObject Document(SshAccessToken access) => new()
    {
        ["id"] = access.Id,
        ["sandbox"] = access.Sandbox,
        ["workspace"] = access.Workspace,
        ["created_at"] = TimeText.Text(access.CreatedTime),
        ["expires_at"] = TimeText.Text(access.ExpirationTime),
        ["connections"] = access.Connections,
    };
}
