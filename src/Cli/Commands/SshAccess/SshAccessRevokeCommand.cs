using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Cli.Commands.SshAccess;

/// <summary><c>openshell sandbox ssh-access revoke ID</c>, or all of a sandbox.</summary>
internal sealed class SshAccessRevokeCommand : ConnectedCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "Id of the access token, as list shows it", Arity = ArgumentArity.ZeroOrOne };
    private readonly TextOption _sandbox = new("--sandbox", "All access tokens of this sandbox", "NAME");

    public SshAccessRevokeCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("revoke", "Make an access token invalid and close its connections", context, connector)
    {
        _sandbox.CompletionSources.Add(context => names.List(context.ParseResult));
        Arguments.Add(_id);
        Options.Add(_sandbox);
        Validators.Add(result =>
        {
            if (result.GetValue(_id) is null == result.GetValue(_sandbox) is null)
            {
                result.AddError("give the ID of an access token, or --sandbox NAME for all of a sandbox");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var response = parsed.GetValue(_sandbox) is { } name
            ? await new SandboxFinder(Context).UseAsync(
                connection, name, wanted => RevokeAsync(connection, new() { Sandbox = wanted, WorkspaceScope = connection.Scope }, cancellationToken))
            : await RevokeAsync(connection, new() { Id = parsed.GetRequiredValue(_id) }, cancellationToken);
        await DoneAsync($"Revoked {response.Revoked} access {(response.Revoked == 1 ? "token" : "tokens")}");
        return ExitCodes.Ok;
    }

    private static async Task<RevokeSshAccessResponse> RevokeAsync(
        GatewayConnection connection, RevokeSshAccessRequest request, CancellationToken cancellationToken) =>
        await connection.SshAccess.RevokeSshAccessAsync(request, connection.Unary(cancellationToken));
}
