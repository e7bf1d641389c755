using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Cli.Completion;
using OpenShell.Cli.Context;
using OpenShell.Cli.Output;
using OpenShell.Cli.Parsing;
using OpenShell.Cli.Rpc;
using OpenShell.Cli.Text;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Cli.Commands.SshAccess;

/// <summary><c>openshell sandbox ssh-access create [NAME]</c>: prints the ready ssh command, which holds the token.</summary>
internal sealed class SshAccessCreateCommand : ConnectedCommand
{
    private const uint DefaultSshPort = 22;

    private readonly SandboxNameArgument _name;
    private readonly DurationOption _expires = new("--expires-in", "How long the token lets new connections in [default: 1h]");
    private readonly OutputOption _output = new();

    public SshAccessCreateCommand(CliContext context, GatewayConnector connector, SandboxNameCompletion names)
        : base("create", "Make an access token for a sandbox. Whoever has it comes in; it is shown only once", context, connector)
    {
        _name = new SandboxNameArgument(names, orLast: true);
        Arguments.Add(_name);
        Options.Add(_expires);
        Options.Add(_output);
        Validators.Add(result =>
        {
            if (result.GetValue(_expires) is "0" or "0s" or "0m" or "0h" or "0d")
            {
                result.AddError("--expires-in must be longer than nothing");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parsed, GatewayConnection connection, CancellationToken cancellationToken)
    {
        var sandbox = await new SandboxFinder(Context).FindAsync(connection, parsed.GetValue(_name), cancellationToken);
        var request = new CreateSshAccessRequest
        {
            Sandbox = sandbox.Metadata.Name,
            WorkspaceScope = connection.Scope,
            // Absent is the gateway's default.
            Lifetime = _expires.Of(parsed) is { } lifetime ? Duration.FromTimeSpan(lifetime) : null,
        };
        var response = await connection.SshAccess.CreateSshAccessAsync(request, connection.Unary(cancellationToken));
        await PrintAsync(parsed, sandbox.Metadata.Name, response);
        return ExitCodes.Ok;
    }

    private async Task PrintAsync(ParseResult parsed, string sandbox, CreateSshAccessResponse response)
    {
        var port = response.Port == DefaultSshPort ? "" : string.Create(CultureInfo.InvariantCulture, $"-p {response.Port} ");
        var command = $"ssh {port}{response.Token}@{response.Host}";
        var expires = TimeText.Text(response.Access.ExpirationTime);
        var format = _output.Of(parsed);
        if (format != OutputFormat.Table)
        {
            DocumentWriter.Write(
                Context.Console.Out,
                new JsonObject
                {
                    ["id"] = response.Access.Id,
                    ["sandbox"] = sandbox,
                    ["token"] = response.Token,
                    ["host"] = response.Host,
                    ["port"] = response.Port,
                    ["host_key_fingerprint"] = response.HostKeyFingerprint,
                    ["expires_at"] = expires,
                    ["command"] = command,
                },
                format);
            return;
        }

        // The command alone on the output: it can be copied, or run with $(…).
        var hostKey = SafeText.OneLine(response.HostKeyFingerprint);
        await Context.Console.Error.WriteLineAsync(
            $"Access {response.Access.Id} to sandbox {SafeText.OneLine(sandbox)} until {expires}; host key {hostKey}");
        await Context.Console.Out.WriteLineAsync(SafeText.OneLine(command));
    }
}
