using System.CommandLine;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Exec;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands.Sandboxes;

/// <summary><c>openshell sandbox shell NAME</c>: the login shell, whichever the guest has.</summary>
internal sealed class SandboxShellCommand : ConnectedCommand
{
    private readonly SandboxNameArgument _name;
    private readonly TextOption _user = new("--user", "User to log in as: name, uid or uid:gid", "USER", "-u");
    private readonly TtyOptions _tty = new();

    public SandboxShellCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("shell", "Open a login shell in a sandbox", context, connector)
    {
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
        Options.Add(_user);
        _tty.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var sandbox = await new SandboxFinder(Context).FindAsync(connection, parsed.GetValue(_name), cancellationToken);
        var start = new ExecSandboxRequest
        {
            Sandbox = sandbox.Metadata.Name,
            WorkspaceScope = connection.Scope,
            LoginShell = true,
            User = parsed.GetValue(_user) ?? "",
            Tty = _tty.Of(parsed, Context.Console),
        };
        return await new InteractiveExec(Context, connection, sandbox.Metadata.Name).RunAsync(start, cancellationToken);
    }
}
