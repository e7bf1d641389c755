using System.CommandLine;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Workspaces;

/// <summary><c>openshell workspace member remove --subject SUBJECT</c>.</summary>
internal sealed class MemberRemoveCommand : ConnectedCommand
{
    private readonly TextOption _subject = new("--subject", "Who, as list shows them", "SUBJECT") { Required = true };

    public MemberRemoveCommand(CliContext context, GatewayConnector connector)
        : base("remove", "Let someone no longer use the workspace", context, connector) => Options.Add(_subject);

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var subject = parsed.GetRequiredValue(_subject);
        var request = new RemoveWorkspaceMemberRequest { WorkspaceScope = connection.Scope, PrincipalSubject = subject, AllowMissing = true };
        var response = await connection.Client.RemoveWorkspaceMemberAsync(request, connection.Unary(cancellationToken));
        var shown = SafeText.OneLine(subject);
        await (response.Outcome == DeletionOutcome.AlreadyAbsent
            ? WarnAsync($"{shown} is no member of workspace {connection.Target.Workspace}")
            : DoneAsync($"Removed {shown} from workspace {connection.Target.Workspace}"));
        return ExitCodes.Ok;
    }
}
