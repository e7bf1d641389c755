namespace OpenShell.Cli.Config;

/// <summary>What the command line said about the gateway; null where it said nothing.</summary>
internal sealed record GatewaySelection(string? Endpoint, string? Gateway, string? TokenFile, bool SendTokenInClear);
