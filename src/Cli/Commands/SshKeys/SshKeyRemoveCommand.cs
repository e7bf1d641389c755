using System.CommandLine;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Cli.Commands.SshKeys;

/// <summary><c>openshell ssh-key remove FINGERPRINT</c>.</summary>
internal sealed class SshKeyRemoveCommand : ConnectedCommand
{
    private readonly Argument<string> _fingerprint = new("FINGERPRINT") { Description = "SHA256:…, as list shows it" };

    public SshKeyRemoveCommand(CliContext context, GatewayConnector connector)
        : base("remove", "Forget a key and close its connections", context, connector)
    {
        Arguments.Add(_fingerprint);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var fingerprint = parsed.GetValue(_fingerprint)!;
        await connection.SshAccess.RemoveSshKeyAsync(new RemoveSshKeyRequest { Fingerprint = fingerprint }, connection.Unary(cancellationToken));
        await DoneAsync($"Removed {SafeText.OneLine(fingerprint)}");
        return ExitCodes.Ok;
    }
}
