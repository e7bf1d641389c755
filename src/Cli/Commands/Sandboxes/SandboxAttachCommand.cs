using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox attach NAME</c>: the main process, from its last MiB of output on.</summary>
internal sealed class SandboxAttachCommand : ConnectedCommand
{
    private readonly SandboxNameArgument _name;
    private readonly Flag _readOnly = new("--read-only", "Only watch: leave the input to others");

    public SandboxAttachCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("attach", "Attach to the main process of a sandbox; Ctrl-P Ctrl-Q detaches. Ends with its exit code", context, connector)
    {
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
        Options.Add(_readOnly);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var sandbox = await new SandboxFinder(Context).FindAsync(connection, parsed.GetValue(_name), cancellationToken);
        return await new MainProcessClient(Context, connection, sandbox).AttachAsync(parsed.GetValue(_readOnly), cancellationToken);
    }
}
