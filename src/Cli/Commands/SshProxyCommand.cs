using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Ssh;

namespace OpenShell.Cli.Commands;

/// <summary><c>openshell ssh-proxy NAME</c>: what ssh runs as its ProxyCommand.</summary>
internal sealed class SshProxyCommand : ConnectedCommand
{
    private readonly SandboxNameArgument _name;
    private readonly TextOption _id = new("--id", "Id of the only sandbox that is meant; another one of that name is refused", "ID");

    public SshProxyCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("ssh-proxy", "Join standard input and output to the SSH server of a sandbox (a ProxyCommand for ssh)", context, connector)
    {
        _name = new SandboxNameArgument(names);
        Arguments.Add(_name);
        Options.Add(_id);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var name = parsed.GetRequiredValue(_name);
        var host = new SshHost(Context.Environment, connection.Target, [], name);
        await using var stream = await new SandboxFinder(Context).UseAsync(
            connection, name, wanted => SandboxStream.OpenSshAsync(connection, wanted, parsed.GetValue(_id), cancellationToken));
        host.HostKey.BelongsTo(stream.SandboxId);
        return await new SshProxy(Context, stream).RunAsync(cancellationToken);
    }
}
