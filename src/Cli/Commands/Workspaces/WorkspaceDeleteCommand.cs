using System.CommandLine;
using Grpc.Core;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Workspaces;

/// <summary><c>openshell workspace delete NAME…</c>. Goes on after a refusal; the first one is the exit code.</summary>
internal sealed class WorkspaceDeleteCommand : ConnectedCommand
{
    private readonly Argument<string[]> _names = new("NAME") { Description = "Names of workspaces", Arity = ArgumentArity.OneOrMore };

    public WorkspaceDeleteCommand(CliContext context, GatewayConnector connector, WorkspaceNameCompletion names)
        : base("delete", "Delete workspaces that hold nothing any more", context, connector)
    {
        _names.CompletionSources.Add(context => names.List(context.ParseResult));
        Arguments.Add(_names);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var result = ExitCodes.Ok;
        foreach (var name in (parsed.GetValue(_names) ?? []).Distinct(StringComparer.Ordinal))
        {
            var one = await DeleteAsync(connection, name, cancellationToken);
            result = result == ExitCodes.Ok ? one : result;
        }

        return result;
    }

    private async Task<int> DeleteAsync(GatewayConnection connection, string name, CancellationToken cancellationToken)
    {
        var shown = SafeText.OneLine(name);
        try
        {
            var request = new DeleteWorkspaceRequest { Name = name, AllowMissing = true };
            var response = await connection.Client.DeleteWorkspaceAsync(
                request, connection.Unary(cancellationToken, GatewayConnection.LifecycleTimeout));
            await (response.Outcome == DeletionOutcome.AlreadyAbsent
                ? WarnAsync($"Workspace {shown} not found")
                : DoneAsync($"Deleted workspace {shown}"));
            return ExitCodes.Ok;
        }
        catch (RpcException e) when (!RpcErrors.IsTransportFailure(e.Status) && !cancellationToken.IsCancellationRequested)
        {
            var error = RpcErrors.ToError(e.Status, connection.Target);
            ErrorPrinter.Print(Context, error, asJson: false);
            return error.ExitCode;
        }
    }
}
