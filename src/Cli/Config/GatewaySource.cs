namespace OpenShell.Cli.Config;

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
