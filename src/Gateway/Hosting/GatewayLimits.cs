using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Watch;

namespace OpenShell.Gateway.Hosting;

/// <summary>
/// The limits that options set, each with the feature that it is of; apart from <see cref="GatewayOptions"/>, which knows no
/// features.
/// </summary>
internal sealed record GatewayLimits
{
    public RelayOptions Relays { get; init; } = new();

    public SshAccessOptions SshAccess { get; init; } = new();

    public WatchOptions Watches { get; init; } = new();

    public ConnectionOptions Connections { get; init; } = new();
}
