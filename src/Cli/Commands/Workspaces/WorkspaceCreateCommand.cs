using System.CommandLine;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Workspaces;

/// <summary><c>openshell workspace create --name NAME</c>.</summary>
internal sealed class WorkspaceCreateCommand : ConnectedCommand
{
    private readonly Argument<string> _word = new("NAME") { Description = "Name of the workspace", Arity = ArgumentArity.ZeroOrOne };
    private readonly TextOption _name = new("--name", "Name of the workspace", "NAME");
    private readonly PairsOption _label = new("--label", "Label to find it by (repeatable)");

    public WorkspaceCreateCommand(CliContext context, GatewayConnector connector)
        : base("create", "Create a workspace", context, connector)
    {
        Arguments.Add(_word);
        Options.Add(_name);
        Options.Add(_label);
        Validators.Add(result =>
        {
            if (result.GetValue(_word) is null == result.GetValue(_name) is null)
            {
                result.AddError("give one name: openshell workspace create --name NAME");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var request = new CreateWorkspaceRequest { Name = parsed.GetValue(_name) ?? parsed.GetValue(_word) };
        foreach ((var key, var value) in _label.Of(parsed))
        {
            request.Labels[key] = value;
        }

        var response = await connection.Client.CreateWorkspaceAsync(request, connection.Unary(cancellationToken));
        await DoneAsync($"Created workspace {SafeText.OneLine(response.Workspace.Metadata.Name)}");
        return ExitCodes.Ok;
    }
}
