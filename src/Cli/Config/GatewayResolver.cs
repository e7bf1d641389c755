using OpenShell.Cli.Hosting;

namespace OpenShell.Cli.Config;

/// <summary>
/// Which gateway: --gateway-endpoint, then --gateway, then the selected one; a flag before its environment variable.
/// Which token: --token-file, then the entry's, then, on loopback, the file that a local gateway makes.
/// </summary>
internal sealed class GatewayResolver(CliEnvironment environment, GatewayStore store)
{
    /// <returns>Null when no gateway was named and none is selected.</returns>
    /// <exception cref="CliException">A gateway was named that does not exist, or cannot be used.</exception>
    public GatewayTarget? Resolve(GatewaySelection selection)
    {
        if ((selection.Endpoint ?? (selection.Gateway is null ? environment.GatewayEndpoint : null)) is { } text)
        {
            return Target(null, GatewayEndpoint.Parse(text), selection, null);
        }

        if ((selection.Gateway ?? environment.Gateway ?? store.Active) is not { } name)
        {
            return null;
        }

        GatewayEntry entry = store.Find(name)
            ?? throw new CliException(CliError.NotFound($"gateway '{name}' is not configured; see: openshell gateway list"));
        return Target(name, GatewayEndpoint.Parse(entry.Endpoint), selection, entry.TokenFile);
    }

    private GatewayTarget Target(string? name, GatewayEndpoint endpoint, GatewaySelection selection, string? configured)
    {
        string? tokenFile = selection.TokenFile ?? environment.TokenFile ?? configured ?? LocalTokenFile(endpoint);
        return new GatewayTarget(name, endpoint, tokenFile);
    }

    private string? LocalTokenFile(GatewayEndpoint endpoint)
    {
        string path = Path.Combine(environment.StateDirectory, "gateway", "admin.token");
        return endpoint.IsLoopback && File.Exists(path) ? path : null;
    }
}
