using System.CommandLine;
using System.Globalization;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Provisioning;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox wait [NAME]</c>: prints the exit code of the main process once it has ended, and ends with it.</summary>
internal sealed class SandboxWaitCommand : ConnectedCommand
{
    private readonly SandboxNameArgument _name;

    public SandboxWaitCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("wait", "Wait until the main process of a sandbox has ended; prints its exit code and ends with it", context, connector)
    {
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var sandbox = await new SandboxFinder(Context).FindAsync(connection, parsed.GetValue(_name), cancellationToken);
        var code = await new ExitWait(connection, sandbox, Context.Time).RunAsync(cancellationToken);
        await Context.Console.Out.WriteLineAsync(code.ToString(CultureInfo.InvariantCulture));
        return code & 0xff;
    }
}
