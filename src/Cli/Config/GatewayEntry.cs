namespace OpenShell.Cli.Config;

/// <summary>A configured gateway. The endpoint is as it was written: it is checked when it is used.</summary>
internal sealed record GatewayEntry(string Name, string Endpoint, string AuthMode, string? TokenFile, GatewaySource Source);
