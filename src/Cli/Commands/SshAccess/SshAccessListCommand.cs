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
using OpenShell.Protocol.V1;

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
        var request = new ListSshAccessRequest();
        if (parsed.GetValue(_name) is { } name)
        {
            request.SandboxId = (await GatewayConnector.GetSandboxAsync(connection, name, cancellationToken)).Metadata.Id;
        }

        var response = await connection.SshAccess.ListSshAccessAsync(request, connection.Unary(cancellationToken));
        var sandboxes = await connection.Client.ListSandboxesAsync(new ListSandboxesRequest { Limit = 1000 }, connection.Unary(cancellationToken));
        var names = sandboxes.Sandboxes.ToDictionary(s => s.Metadata.Id, s => s.Metadata.Name);
        Print(parsed, response, id => names.GetValueOrDefault(id, id));
        return ExitCodes.Ok;
    }

    private void Print(ParseResult parsed, ListSshAccessResponse response, Func<string, string> nameOf)
    {
        var table = new TextTable("ID", "SANDBOX", "CREATED", "EXPIRES", "CONNECTIONS");
        foreach (var access in response.Access)
        {
            table.Add(
                access.Id,
                nameOf(access.SandboxId),
                SandboxView.Time(access.CreatedAtMs),
                SandboxView.Time(access.ExpiresAtMs),
                access.Connections.ToString(CultureInfo.InvariantCulture));
        }

        var documents = new JsonArray([.. response.Access.Select(access => Document(access, nameOf))]);
        table.WriteList(Context, _output.Of(parsed), documents, "No access tokens found.");
    }

    private static JsonObject Document(SshAccessToken access, Func<string, string> nameOf) => new()
    {
        ["id"] = access.Id,
        ["sandbox"] = nameOf(access.SandboxId),
        ["created_at"] = SandboxView.Time(access.CreatedAtMs),
        ["expires_at"] = SandboxView.Time(access.ExpiresAtMs),
        ["connections"] = access.Connections,
    };
}
