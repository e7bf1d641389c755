using System.CommandLine;
using System.Globalization;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Watch;

namespace OpenShell.Gateway.Hosting;

/// <summary>The options that set limits. What is refused because of one names it by the name that it has here.</summary>
internal sealed class LimitArguments
{
    private const int Most = 1_000_000;

    private readonly Option<string> _relays = Limit(RelayOptions.MaxActiveOption, new RelayOptions().MaxActive, "Relays of all sandboxes at a time");
    private readonly Option<string> _relaysPerSandbox = Limit(RelayOptions.MaxActivePerSandboxOption, new RelayOptions().MaxActivePerSandbox, "Relays of one sandbox at a time: commands, forwarded and SSH streams");
    private readonly Option<string> _pending = Limit(RelayOptions.MaxPendingOption, new RelayOptions().MaxPending, "Relays of all sandboxes that come up at a time");
    private readonly Option<string> _pendingPerSandbox = Limit(RelayOptions.MaxPendingPerSandboxOption, new RelayOptions().MaxPendingPerSandbox, "Relays of one sandbox that come up at a time");
    private readonly Option<string> _forwards = Limit(SshAccessOptions.MaxPerSandboxOption, new SshAccessOptions().MaxPerSandbox, "Forwarded streams into one sandbox at a time");
    private readonly Option<string> _forwardsPerToken = Limit(SshAccessOptions.MaxPerTokenOption, new SshAccessOptions().MaxPerToken, "Forwarded streams with one token at a time");
    private readonly Option<string> _ssh = Limit(SshAccessOptions.MaxSshPerSandboxOption, new SshAccessOptions().MaxSshPerSandbox, "Connections of the public SSH gateway to one sandbox at a time");
    private readonly Option<string> _watches = Limit(WatchOptions.MaxOption, new WatchOptions().Max, "WatchSandbox streams at a time");
    private readonly Option<string> _watchesPerConnection = Limit(WatchOptions.MaxPerConnectionOption, new WatchOptions().MaxPerConnection, "WatchSandbox streams of one connection at a time");
    private readonly Option<string> _anonymous = Limit(ConnectionOptions.MaxAnonymousOption, new ConnectionOptions().MaxAnonymous, "Connections that have not shown a token, at a time; for one more, the one that is idle longest is closed");

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All =>
    [
        _relays, _relaysPerSandbox, _pending, _pendingPerSandbox, _forwards, _forwardsPerToken, _ssh, _watches, _watchesPerConnection, _anonymous,
    ];

    /// <summary>The limits; what is wrong with one is added to <paramref name="errors"/>.</summary>
    public GatewayLimits Bind(ParseResult parsed, List<string> errors)
    {
        return new GatewayLimits
        {
            Relays = new RelayOptions
            {
                MaxActive = Value(_relays),
                MaxActivePerSandbox = Value(_relaysPerSandbox),
                MaxPending = Value(_pending),
                MaxPendingPerSandbox = Value(_pendingPerSandbox),
            },
            Forwards = new SshAccessOptions
            {
                MaxPerSandbox = Value(_forwards),
                MaxPerToken = Value(_forwardsPerToken),
                MaxSshPerSandbox = Value(_ssh),
            },
            Watches = new WatchOptions { Max = Value(_watches), MaxPerConnection = Value(_watchesPerConnection) },
            Connections = new ConnectionOptions { MaxAnonymous = Value(_anonymous) },
        };

        int Value(Option<string> option)
        {
            var text = parsed.GetValue(option);
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 1 and <= Most)
            {
                return value;
            }

            errors.Add($"{option.Name} '{text}' is not a number from 1 to {Most}");
            return 1;
        }
    }

    // --max-relays is OPENSHELL_MAX_RELAYS.
    private static Option<string> Limit(string name, int otherwise, string description)
    {
        var variable = $"OPENSHELL_{name.TrimStart('-').Replace('-', '_').ToUpperInvariant()}";
        return new Option<string>(name)
        {
            Description = $"{description} [env: {variable}]",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
                ? value
                : otherwise.ToString(CultureInfo.InvariantCulture),
        };
    }
}
