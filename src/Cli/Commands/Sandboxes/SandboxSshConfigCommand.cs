using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Ssh;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox ssh-config [NAME]</c>: a sandbox as a host for every program that uses ssh.</summary>
internal sealed class SandboxSshConfigCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly GatewayStore _store;
    private readonly SandboxNameArgument _name;
    private readonly Flag _install = new("--install", "Keep it in a file of ours, which one line at the top of ~/.ssh/config includes");
    private readonly Flag _uninstall = new("--uninstall", "Remove it again; without NAME every sandbox, and the line in ~/.ssh/config");

    public SandboxSshConfigCommand(CliContext context, GatewayConnector connector, GatewayStore store, SandboxNameCompletion names)
        : base("ssh-config", "Print a Host block for ~/.ssh/config: openshell-NAME", context)
    {
        (_connector, _store) = (connector, store);
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
        Options.Add(_install);
        Options.Add(_uninstall);
        Validators.Add(result =>
        {
            if (result.GetValue(_install) && result.GetValue(_uninstall))
            {
                result.AddError("--install and --uninstall exclude each other");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_uninstall))
        {
            return await UninstallAsync(parsed);
        }

        return await _connector.RunAsync(parsed, async connection =>
        {
            var sandbox = await new SandboxFinder(Context).FindAsync(connection, parsed.GetValue(_name), cancellationToken);
            var host = new SshHost(Context.Environment, connection.Target, _connector.OptionsFor(parsed, connection.Target), sandbox.Metadata.Name);
            var block = host.Block(_store.Active);
            if (!parsed.GetValue(_install))
            {
                await Context.Console.Out.WriteAsync(block);
                return ExitCodes.Ok;
            }

            var file = new SshConfigFile(Context.Environment);
            file.Install(host.Alias(_store.Active), block);
            await DoneAsync($"Installed in {file.ManagedPath}; connect with: ssh {host.Alias(_store.Active)}");
            return ExitCodes.Ok;
        });
    }

    // The sandbox and its gateway may no longer exist.
    private async Task<int> UninstallAsync(ParseResult parsed)
    {
        var file = new SshConfigFile(Context.Environment);
        string? alias = null;
        if (parsed.GetValue(_name) is { } name)
        {
            var target = _connector.Find(parsed)
                ?? throw new CliException(CliError.Usage("no gateway configured: leave NAME out to remove every sandbox"));
            alias = new SshHost(Context.Environment, target, [], name).Alias(_store.Active);
        }

        await DoneAsync(
            file.Uninstall(alias) ? $"Removed {alias ?? "every sandbox"} from {file.ManagedPath}" : $"{alias ?? "No sandbox"} was not installed");
        return ExitCodes.Ok;
    }
}
