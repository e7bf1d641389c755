using OpenShell.Cli.Context;

namespace OpenShell.Cli.Config;

/// <summary>The gateway options of the command line; null where one was not given.</summary>
internal sealed record GatewaySelection(string? Endpoint, string? Gateway, string? TokenFile, bool SendTokenInClear)
{
    /// <summary>Name of a workspace.</summary>
    public string? Workspace { get; init; }
}

/// <summary>
/// Which gateway: --gateway-endpoint, then --gateway, then the selected one; a flag before its environment variable.
/// Which token: of a configured gateway its own, and of an endpoint the one that was named beside it, on the command line or
/// in the environment; no token of one gateway ever goes to another because a variable happens to be set.
/// </summary>
internal sealed class GatewayResolver(CliEnvironment environment, GatewayStore store)
{
    /// <returns>Null when no gateway was named and none is selected.</returns>
    /// <exception cref="CliException">A gateway was named that does not exist, or cannot be used.</exception>
    public GatewayTarget? Resolve(GatewaySelection selection)
    {
        // No gateway is called with a colon; other clients write --gateway URL for ssh.
        if ((selection.Endpoint ?? (selection.Gateway?.Contains(':', StringComparison.Ordinal) == true ? selection.Gateway : null)) is { } given)
        {
            return Target(selection, null, given, selection.TokenFile, selection.SendTokenInClear);
        }

        if (selection.Gateway is null && environment.GatewayEndpoint is { } set)
        {
            var inClear = selection.SendTokenInClear || environment.SendTokenInClear;
            return Target(selection, null, set, selection.TokenFile ?? environment.TokenFile, inClear);
        }

        if ((selection.Gateway ?? environment.Gateway ?? store.Active) is not { } name)
        {
            return null;
        }

        var entry = store.Find(name)
            ?? throw new CliException(GatewayErrors.Unknown(name));
        return Target(selection, name, entry.Endpoint, selection.TokenFile ?? entry.TokenFile, selection.SendTokenInClear || entry.SendTokenInClear);
    }

    private GatewayTarget Target(GatewaySelection selection, string? name, string endpoint, string? tokenFile, bool sendTokenInClear) =>
        new(name, GatewayEndpoint.Parse(endpoint), tokenFile, sendTokenInClear)
        {
            OwnSocket = environment.OwnGatewaySocket,
            Workspace = WorkspaceName.Check(selection.Workspace ?? environment.Workspace ?? WorkspaceName.Default),
        };
}
