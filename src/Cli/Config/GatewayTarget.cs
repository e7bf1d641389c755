using OpenShell.Cli.Context;

namespace OpenShell.Cli.Config;

/// <summary>The gateway of a command.</summary>
/// <param name="Name">Its configured name; null when only an endpoint was given.</param>
/// <param name="TokenFile">File with its bearer token; null when there is none to send.</param>
/// <param name="SendTokenInClear">Whether the token may be sent unencrypted to an unknown listener.</param>
internal sealed record GatewayTarget(string? Name, GatewayEndpoint Endpoint, string? TokenFile, bool SendTokenInClear)
{
    /// <summary>Where this user's own gateway listens, for advice.</summary>
    public string? OwnSocket { get; init; }

    /// <summary>The workspace that the command is about.</summary>
    public string Workspace { get; init; } = WorkspaceName.Default;

    /// <summary>How to reach the own gateway without a token.</summary>
    public string Advice =>
        "use the gateway's own socket, which needs none "
        + $"(openshell gateway add {GatewayEndpoint.OfSocket(OwnSocket ?? "PATH")} --name {Name ?? GatewayName.Local})";

    /// <summary>
    /// The token, if this gateway gets one. A Unix socket needs none: the kernel names the caller. On a port it is
    /// unknown who listens (with the gateway down, any user of the machine can), so the user has to accept that.
    /// </summary>
    /// <exception cref="CliException">The file cannot be used, or the token would go unencrypted to an unknown listener.</exception>
    public AccessToken? ReadToken()
    {
        if (TokenFile is not { } file || Endpoint.SocketPath is not null)
        {
            return null;
        }

        return SendTokenInClear
            ? AccessToken.Read(file)
            : throw new CliException(CliError.NotAllowed(
                $"the token in {file} was not sent: it would go unencrypted to whoever listens on {Endpoint}; "
                + $"{Advice}, or accept that with --send-token-in-clear"));
    }
}
