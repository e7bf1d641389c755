using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Ssh;

namespace OpenShell.Cli.Commands;

/// <summary>
/// <c>openshell ssh-proxy NAME</c>: what ssh runs as its ProxyCommand. Configurations that other clients have written call it with
/// <c>--gateway URL --sandbox NAME --token TOKEN</c>, or <c>--gateway-name GATEWAY --name NAME</c>; this program puts no token
/// where other users can read it.
/// </summary>
internal sealed class SshProxyCommand : CliCommand
{
    private readonly GatewayConnector _connector;
    private readonly SandboxNameArgument _name;
    private readonly TextOption _id = new("--id", "Id of the only sandbox that is meant; another one of that name is refused", "ID");
    private readonly TextOption _nameOption = new("--name", "Name of the sandbox", "NAME", "--sandbox");
    private readonly TextOption _gatewayName = new("--gateway-name", "Configured gateway to use, as --gateway", "NAME");
    private readonly TextOption _token = new("--token", "Token of an SSH session, in place of a new one; other users can read it here", "TOKEN");

    public SshProxyCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("ssh-proxy", "Join standard input and output to the SSH server of a sandbox (a ProxyCommand for ssh)", context)
    {
        _connector = connector;
        _name = new SandboxNameArgument(names) { Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(_name);
        Options.Add(_id);
        Options.Add(_nameOption);
        Options.Add(_gatewayName);
        Options.Add(_token);
        Validators.Add(result =>
        {
            if (result.GetValue(_name) is null == result.GetValue(_nameOption) is null)
            {
                result.AddError("give the sandbox once: openshell ssh-proxy NAME");
            }

            if (result.GetValue(_token) is not null && result.GetValue(_id) is not null)
            {
                result.AddError("--id and --token exclude each other: the token says which sandbox is meant");
            }
        });
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = parsed.GetValue(_name) ?? parsed.GetRequiredValue(_nameOption);
        return _connector.RunAsync(parsed, parsed.GetValue(_gatewayName), async connection =>
        {
            var host = new SshHost(Context.Environment, connection.Target, [], name);
            await using var stream = await new SandboxFinder(Context).UseAsync(connection, name, wanted => parsed.GetValue(_token) is { } token
                ? SandboxStream.OpenSshWithAsync(connection, wanted, token, cancellationToken)
                : SandboxStream.OpenSshAsync(connection, wanted, parsed.GetValue(_id), cancellationToken));
            if (stream.SandboxId.Length > 0)
            {
                host.HostKey.BelongsTo(stream.SandboxId);
            }

            return await new SshProxy(Context, stream).RunAsync(cancellationToken);
        });
    }
}
