using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox delete NAME… | --all</c>. Goes on after a failure; the first failure is the exit code.</summary>
internal sealed class SandboxDeleteCommand : ConnectedCommand
{
    private readonly Argument<string[]> _names;
    private readonly Flag _all = new("--all", "Delete every sandbox");

    public SandboxDeleteCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("delete", "Delete sandboxes and everything in them", context, connector)
    {
        _names = new Argument<string[]>("NAME") { Description = "Names of sandboxes", Arity = ArgumentArity.ZeroOrMore };
        _names.CompletionSources.Add(context => names.List(context.ParseResult));
        Arguments.Add(_names);
        Options.Add(_all);
        Validators.Add(result =>
        {
            var named = result.GetValue(_names) is { Length: > 0 };
            if (named == result.GetValue(_all))
            {
                result.AddError(named ? "give names or --all, not both" : "give the names of sandboxes, or --all");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var names = parsed.GetValue(_all)
            ? await ListAllAsync(connection, cancellationToken)
            : parsed.GetValue(_names) ?? [];
        if (names.Count == 0)
        {
            await Context.Console.Error.WriteLineAsync("No sandboxes found.");
        }

        var result = ExitCodes.Ok;
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            var one = await DeleteAsync(connection, name, cancellationToken);
            result = result == ExitCodes.Ok ? one : result;
        }

        return result;
    }

    private static async Task<IReadOnlyCollection<string>> ListAllAsync(GatewayConnection connection, CancellationToken cancellationToken)
    {
        var filter = new ListSandboxesRequest { WorkspaceScope = connection.Scope };
        var page = await SandboxLists.ReadAsync(connection, filter, PageRequest.All, cancellationToken);
        return [.. page.Items.Select(sandbox => sandbox.Metadata.Name)];
    }

    private async Task<int> DeleteAsync(GatewayConnection connection, string name, CancellationToken cancellationToken)
    {
        var shown = SafeText.OneLine(name);
        var result = await SandboxDeletion.RunAsync(Context, connection, name, cancellationToken);
        if (result.Error is { } error)
        {
            ErrorPrinter.Print(Context, error, asJson: false);
            return error.ExitCode;
        }

        await (result.WasThere ? DoneAsync($"Deleted sandbox {shown}") : WarnAsync($"Sandbox {shown} not found"));
        return ExitCodes.Ok;
    }
}
