using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Hosting;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Provisioning;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox stop NAME</c>.</summary>
internal sealed class SandboxStopCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly SandboxNameArgument _name;

    public SandboxStopCommand(CliHost host, GatewayConnector connector, SandboxNames names)
        : base("stop", "Power a sandbox off and keep its disk", host)
    {
        _connector = connector;
        _name = new SandboxNameArgument(names);
        Arguments.Add(_name);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        _connector.RunAsync(parsed, async connection =>
        {
            TimeSpan timeout = ProvisionTimeout.Of(Host.Environment);
            string name = parsed.GetRequiredValue(_name);
            SandboxResponse response = await connection.Client.StopSandboxAsync(new StopSandboxRequest { Name = name }, connection.Unary(cancellationToken));
            if (response.Sandbox.Status.Phase != SandboxPhase.Stopped)
            {
                PhaseWait wait = new(connection, response.Sandbox, SandboxPhase.Stopped, timeout, Host.Time);
                await ProgressDisplays.For(Host, OutputFormat.Table).ShowAsync(step => wait.RunAsync(step, cancellationToken));
            }

            await Host.Console.Error.WriteLineAsync($"{Palette.ForError(Host).Good("✓")} Stopped sandbox {name}");
            return ExitCode.Ok;
        });
}
