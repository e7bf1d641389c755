using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox get NAME</c>.</summary>
internal sealed class SandboxGetCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly SandboxNameArgument _name;
    private readonly OutputOption _output = new();

    public SandboxGetCommand(CliHost host, GatewayConnector connector, SandboxNames names)
        : base("get", "Show one sandbox", host)
    {
        _connector = connector;
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
        Options.Add(_output);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        _connector.RunAsync(parsed, async connection =>
        {
            var sandbox = await new SandboxFinder(Host).FindAsync(connection, parsed.GetValue(_name), cancellationToken);
            var format = _output.Of(parsed);
            if (format == OutputFormat.Table)
            {
                SandboxView.WriteDetails(Host.Console.Out, sandbox, Palette.ForOut(Host));
            }
            else
            {
                DocumentWriter.Write(Host.Console.Out, SandboxView.Details(sandbox), format);
            }

            return ExitCodes.Ok;
        });
}
