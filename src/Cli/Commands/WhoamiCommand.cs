using System.CommandLine;
using System.Text.Json.Nodes;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands;

/// <summary><c>openshell whoami</c>: who the gateway takes the caller for.</summary>
internal sealed class WhoamiCommand : ConnectedCommand
{
    private readonly OutputOption _output = new();

    public WhoamiCommand(CliContext context, GatewayConnector connector)
        : base("whoami", "Show who you are to the gateway", context, connector) => Options.Add(_output);

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var user = await connection.Client.GetCurrentUserAsync(new GetCurrentUserRequest(), connection.Unary(cancellationToken));
        if (_output.Of(parsed) is not OutputFormat.Table and var format)
        {
            var document = new JsonObject
            {
                ["subject"] = user.Subject,
                ["display_name"] = user.DisplayName,
                ["roles"] = new JsonArray([.. user.Roles.Select(role => (JsonNode)role)]),
                ["scopes"] = new JsonArray([.. user.Scopes.Select(scope => (JsonNode)scope)]),
                ["identity_provider"] = user.IdentityProvider,
            };
            DocumentWriter.Write(Context.Console.Out, document, format);
            return ExitCodes.Ok;
        }

        var rows = new DetailRows(Context.Console.Out, Context.OutPalette);
        rows.Add("Subject", user.Subject);
        rows.Add("Name", user.DisplayName);
        rows.Add("Roles", string.Join(", ", user.Roles));
        rows.Add("Scopes", string.Join(", ", user.Scopes));
        rows.Add("Identity provider", user.IdentityProvider);
        return ExitCodes.Ok;
    }
}
