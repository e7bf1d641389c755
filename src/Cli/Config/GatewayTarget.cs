namespace OpenShell.Cli.Config;

/// <summary>The gateway that a command talks to.</summary>
/// <param name="Name">Its configured name; null when only an endpoint was given.</param>
/// <param name="Endpoint">Where it listens.</param>
/// <param name="TokenFile">File with the bearer token; null when there is none to send.</param>
internal sealed record GatewayTarget(string? Name, GatewayEndpoint Endpoint, string? TokenFile);
