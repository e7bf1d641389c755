using System.CommandLine;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Workspaces;

/// <summary><c>openshell workspace member add --subject SUBJECT</c>.</summary>
internal sealed class MemberAddCommand : ConnectedCommand
{
    private readonly TextOption _subject = new("--subject", "Who: the subject that openshell whoami shows", "SUBJECT") { Required = true };
    private readonly ChoiceOption _role = new("--role", "What they may do [default: user]", "ROLE", "user", "admin");

    public MemberAddCommand(CliContext context, GatewayConnector connector)
        : base("add", "Let someone use the workspace", context, connector)
    {
        Options.Add(_subject);
        Options.Add(_role);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var request = new AddWorkspaceMemberRequest
        {
            WorkspaceScope = connection.Scope,
            PrincipalSubject = parsed.GetRequiredValue(_subject),
            Role = _role.Of(parsed) == "admin" ? WorkspaceRole.Admin : WorkspaceRole.User,
        };
        var response = await connection.Client.AddWorkspaceMemberAsync(request, connection.Unary(cancellationToken));
        await DoneAsync(
            $"Added {SafeText.OneLine(response.Member.PrincipalSubject)} to workspace {connection.Target.Workspace} "
            + $"as {WorkspaceView.Role(response.Member.Role)}");
        return ExitCodes.Ok;
    }
}
