namespace OpenShell.Cli.Config;

/// <summary>A configured gateway. The endpoint is as it was written: it is checked when it is used.</summary>
/// <param name="AuthMode">How it authenticates callers; only displayed.</param>
/// <param name="TokenFile">File with its token; null where it wants none.</param>
/// <param name="SendTokenInClear">Whether that may be sent unencrypted to an unknown listener.</param>
internal sealed record GatewayEntry(
    string Name, string Endpoint, string AuthMode, string? TokenFile, bool SendTokenInClear, GatewaySource Source);

/// <summary>Who configured a gateway.</summary>
internal enum GatewaySource
{
    /// <summary>This user, under the XDG configuration directory.</summary>
    User,

    /// <summary>The administrator, for all users.</summary>
    System,

    /// <summary>Not configured: this user's own gateway, found at the default path of its socket.</summary>
    Own,
}
