using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary><c>openshell gateway select NAME</c>.</summary>
internal sealed class GatewaySelectCommand : CliCommand
{
    private readonly GatewayStore _store;
    private readonly GatewayNameArgument _name;

    public GatewaySelectCommand(CliContext context, GatewayStore store)
        : base("select", "Choose the gateway that is used when none is named", context)
    {
        _store = store;
        _name = new GatewayNameArgument(store);
        Arguments.Add(_name);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = GatewayName.Check(parsed.GetRequiredValue(_name));
        if (_store.Find(name) is null)
        {
            throw new CliException(CliError.NotFound($"gateway '{name}' is not configured; see: openshell gateway list"));
        }

        _store.Select(name);
        await Context.Console.Error.WriteLineAsync($"{Context.ErrorPalette.Good("✓")} Selected gateway {name}");
        return ExitCodes.Ok;
    }
}
