using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Gateways;

/// <summary>A command about one configured gateway.</summary>
internal abstract class NamedGatewayCommand : CliCommand
{
    private readonly GatewayNameArgument _name;

    protected NamedGatewayCommand(string name, string description, CliContext context, GatewayStore store)
        : base(name, description, context)
    {
        Store = store;
        _name = new GatewayNameArgument(store);
        Arguments.Add(_name);
    }

    protected GatewayStore Store { get; }

    protected sealed override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = GatewayName.Check(parsed.GetRequiredValue(_name));
        Apply(name);
        await DoneAsync($"{Done} gateway {name}");
        return ExitCodes.Ok;
    }

    /// <summary>The verb of the message: "Removed".</summary>
    protected abstract string Done { get; }

    /// <exception cref="CliException">It cannot be done with this gateway.</exception>
    protected abstract void Apply(string name);
}

/// <summary><c>openshell gateway select NAME</c>.</summary>
internal sealed class GatewaySelectCommand(CliContext context, GatewayStore store)
    : NamedGatewayCommand("select", "Choose the gateway that is used when none is named", context, store)
{
    protected override string Done => "Selected";

    protected override void Apply(string name)
    {
        if (Store.Find(name) is null)
        {
            throw new CliException(GatewayErrors.Unknown(name));
        }

        Store.Select(name);
    }
}

/// <summary><c>openshell gateway remove NAME</c>.</summary>
internal sealed class GatewayRemoveCommand(CliContext context, GatewayStore store)
    : NamedGatewayCommand("remove", "Remove a gateway from the configuration", context, store)
{
    protected override string Done => "Removed";

    protected override void Apply(string name)
    {
        if (!Store.Remove(name))
        {
            throw new CliException(Store.Find(name)?.Source switch
            {
                GatewaySource.System => CliError.NotAllowed($"gateway '{name}' is installed by the system and cannot be removed from user config"),
                GatewaySource.Own => CliError.NotAllowed($"gateway '{name}' is your own, which is found without being configured"),
                _ => GatewayErrors.Unknown(name),
            });
        }
    }
}
