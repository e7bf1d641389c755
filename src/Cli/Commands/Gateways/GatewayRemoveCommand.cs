using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary><c>openshell gateway remove NAME</c>.</summary>
internal sealed class GatewayRemoveCommand : CliCommand
{
    private readonly GatewayStore _store;
    private readonly GatewayNameArgument _name;

    public GatewayRemoveCommand(CliContext context, GatewayStore store)
        : base("remove", "Remove a gateway from the configuration", context)
    {
        _store = store;
        _name = new GatewayNameArgument(store);
        Arguments.Add(_name);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = GatewayName.Check(parsed.GetRequiredValue(_name));
        if (!_store.Remove(name))
        {
            throw new CliException(_store.Find(name)?.Source switch
            {
                GatewaySource.System => CliError.NotAllowed($"gateway '{name}' is installed by the system and cannot be removed from user config"),
                GatewaySource.Own => CliError.NotAllowed($"gateway '{name}' is your own, which is found without being configured"),
                _ => CliError.NotFound($"gateway '{name}' is not configured; see: openshell gateway list"),
            });
        }

        await Context.Console.Error.WriteLineAsync($"{Context.ErrorPalette.Good("✓")} Removed gateway {name}");
        return ExitCodes.Ok;
    }
}
