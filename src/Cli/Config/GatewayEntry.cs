namespace OpenShell.Cli.Config;

/// <summary>A configured gateway. The endpoint is as it was written: it is checked when it is used.</summary>
/// <param name="Name">What it is called here.</param>
/// <param name="Endpoint">Where it listens.</param>
/// <param name="AuthMode">How it knows its callers; for people.</param>
/// <param name="TokenFile">File with its token; null where it wants none.</param>
/// <param name="SendTokenInClear">Whether that may go to whoever listens at the endpoint, unencrypted.</param>
/// <param name="Source">Who configured it.</param>
internal sealed record GatewayEntry(
    string Name, string Endpoint, string AuthMode, string? TokenFile, bool SendTokenInClear, GatewaySource Source);

/// <summary>Who configured a gateway.</summary>
internal enum GatewaySource
{
    /// <summary>This user, under the XDG configuration directory.</summary>
    User,

    /// <summary>The administrator, for everybody.</summary>
    System,

    /// <summary>Nobody: this user's own gateway, whose socket is where it is by default.</summary>
    Own,
}
