namespace OpenShell.Cli.Config;

/// <summary>Who configured a gateway.</summary>
internal enum GatewaySource
{
    /// <summary>This user, under the XDG configuration directory.</summary>
    User,

    /// <summary>The administrator, for everybody.</summary>
    System,
}
