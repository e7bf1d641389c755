using System.CommandLine;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Cli.Commands.SshKeys;

/// <summary><c>openshell ssh-key add FILE</c>.</summary>
internal sealed class SshKeyAddCommand : CliCommand
{
    private const int LongestFile = 64 * 1024;

    private readonly GatewayConnector _connector;
    private readonly Argument<string> _file = new("FILE") { Description = "A public key, such as ~/.ssh/id_ed25519.pub" };

    public SshKeyAddCommand(CliContext context, GatewayConnector connector)
        : base("add", "Let the owner of a public key into every sandbox", context)
    {
        _connector = connector;
        Arguments.Add(_file);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var line = Read(parsed.GetValue(_file)!);
        return _connector.RunAsync(parsed, async connection =>
        {
            var response = await connection.SshAccess.AddSshKeyAsync(new AddSshKeyRequest { PublicKey = line }, connection.Unary(cancellationToken));
            await DoneAsync($"Added {response.Key.Type} {SafeText.OneLine(response.Key.Fingerprint)}");
            return ExitCodes.Ok;
        });
    }

    private static string Read(string path)
    {
        try
        {
            var text = new FileInfo(path).Length <= LongestFile ? File.ReadAllText(path) : "";
            // The names differ by four characters, and the private key must not leave this machine.
            return text.Contains("PRIVATE KEY", StringComparison.Ordinal)
                ? throw new CliException(CliError.Usage($"{path} is a private key; give the public one, {path}.pub"))
                : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CliError.Usage($"cannot read {path}: {e.Message}"), e);
        }
    }
}
