using System.CommandLine;
using System.Globalization;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Watch;

namespace OpenShell.Gateway.Hosting;

/// <summary>An option that sets a limit. What is refused because of one names it by the name that it has here.</summary>
/// <param name="Read">The limit as it is by default.</param>
/// <param name="Apply">The limits with another value.</param>
internal sealed record LimitArgument(
    string Name, string Description, Func<GatewayLimits, int> Read, Func<GatewayLimits, int, GatewayLimits> Apply)
{
    private const int Most = 1_000_000;

    public static LimitArgument[] All =>
    [
        new(RelayOptions.MaxActiveOption, "Relays of all sandboxes at a time",
            l => l.Relays.MaxActive, (l, value) => l with { Relays = l.Relays with { MaxActive = value } }),
        new(RelayOptions.MaxActivePerSandboxOption, "Relays of one sandbox at a time: commands, forwarded and SSH streams",
            l => l.Relays.MaxActivePerSandbox, (l, value) => l with { Relays = l.Relays with { MaxActivePerSandbox = value } }),
        new(RelayOptions.MaxPendingOption, "Relays of all sandboxes that come up at a time",
            l => l.Relays.MaxPending, (l, value) => l with { Relays = l.Relays with { MaxPending = value } }),
        new(RelayOptions.MaxPendingPerSandboxOption, "Relays of one sandbox that come up at a time",
            l => l.Relays.MaxPendingPerSandbox, (l, value) => l with { Relays = l.Relays with { MaxPendingPerSandbox = value } }),
        new(SshAccessOptions.MaxPerSandboxOption, "Forwarded streams into one sandbox at a time",
            l => l.SshAccess.MaxPerSandbox, (l, value) => l with { SshAccess = l.SshAccess with { MaxPerSandbox = value } }),
        new(SshAccessOptions.MaxPerTokenOption, "Forwarded streams with one token at a time",
            l => l.SshAccess.MaxPerToken, (l, value) => l with { SshAccess = l.SshAccess with { MaxPerToken = value } }),
        new(SshAccessOptions.MaxSshPerSandboxOption, "Connections of the public SSH gateway to one sandbox at a time",
            l => l.SshAccess.MaxSshPerSandbox, (l, value) => l with { SshAccess = l.SshAccess with { MaxSshPerSandbox = value } }),
        new(WatchOptions.MaxOption, "WatchSandbox streams at a time",
            l => l.Watches.Max, (l, value) => l with { Watches = l.Watches with { Max = value } }),
        new(WatchOptions.MaxPerConnectionOption, "WatchSandbox streams of one connection at a time",
            l => l.Watches.MaxPerConnection, (l, value) => l with { Watches = l.Watches with { MaxPerConnection = value } }),
        new(ConnectionOptions.MaxAnonymousOption,
            "Connections that have not shown a token, at a time; for one more, the one that is idle longest is closed",
            l => l.Connections.MaxAnonymous, (l, value) => l with { Connections = l.Connections with { MaxAnonymous = value } }),
    ];

    // --max-relays is OPENSHELL_MAX_RELAYS.
    public Option<string> Option { get; } = GatewayArgument.EnvironmentOption(
        Name,
        $"OPENSHELL_{Name.TrimStart('-').Replace('-', '_').ToUpperInvariant()}",
        Read(new GatewayLimits()).ToString(CultureInfo.InvariantCulture),
        Description);

    /// <summary>The limits with the value of the command line; what is wrong with it is added to <paramref name="errors"/>.</summary>
    public GatewayLimits Bind(GatewayLimits limits, ParseResult parsed, List<string> errors)
    {
        var text = parsed.GetValue(Option);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 1 and <= Most)
        {
            return Apply(limits, value);
        }

        errors.Add($"{Name} '{text}' is not a number from 1 to {Most}");
        return limits;
    }
}
