using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;

namespace OpenShell.Cli.Commands.Forwards;

/// <summary><c>openshell forward service [NAME] --target-port PORT</c>: one port of a sandbox on any local one.</summary>
internal sealed class ForwardServiceCommand : ForwardRunCommand
{
    private readonly SandboxNameArgument _name;
    private readonly CountOption _port = new("--target-port", "Port in the sandbox", "PORT") { Required = true };
    private readonly TextOption _host = new("--target-host", "Loopback address in the sandbox [default: 127.0.0.1]", "HOST");
    private readonly TextOption _local = new("--local", "Where to listen; port 0 takes a free one [default: 0]", "[BIND:]PORT");

    public ForwardServiceCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("service", "Forward one port of a sandbox to any local one, until interrupted", context, connector)
    {
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
        Options.Add(_port);
        Options.Add(_host);
        Options.Add(_local);
    }

    protected override (string? Name, IReadOnlyList<string> Specs) Read(ParseResult parsed) =>
        (parsed.GetValue(_name), [$"{parsed.GetValue(_local) ?? "0"}:{parsed.GetValue(_host) ?? "127.0.0.1"}:{_port.Of(parsed)}"]);
}
