using System.Globalization;

namespace OpenShell.Load;

/// <summary>The command line.</summary>
internal sealed record LoadOptions
{
    public required string Bench { get; init; }

    /// <summary>Where openshell-gateway and openshell-supervisor are.</summary>
    public required string Bin { get; init; }

    /// <summary>Length of each measured interval.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Idle sessions to hold.</summary>
    public int Sessions { get; init; } = 10_000;

    /// <summary>How long they are held while the gateway's CPU time is counted.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long they are left alone before that.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Sessions of the reconnect storm.</summary>
    public int Storm { get; init; } = 1_000;

    /// <summary>Whether OpenSSH is measured too.</summary>
    public bool Ssh { get; init; } = true;

    /// <summary>Whether commands in a machine are measured too.</summary>
    public bool Vm { get; init; } = true;

    public static LoadOptions? Parse(string[] args, out string error)
    {
        const string Usage = "usage: openshell-load relay|sessions|exec|ssh --bin DIR [--seconds N] [--sessions N] [--hold N] [--storm N] [--no-ssh] [--no-vm]";
        error = Usage;
        if (args is not ["relay" or "sessions" or "exec" or "ssh", ..])
        {
            return null;
        }

        var options = new LoadOptions { Bench = args[0], Bin = "" };
        for (var i = 1; i < args.Length; i++)
        {
            if (args[i] is "--no-ssh" or "--no-vm")
            {
                options = args[i] == "--no-ssh" ? options with { Ssh = false } : options with { Vm = false };
                continue;
            }

            if (i + 1 == args.Length)
            {
                return null;
            }

            var value = args[++i];
            if (args[i - 1] == "--bin")
            {
                options = options with { Bin = value };
                continue;
            }

            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                error = $"{args[i - 1]}: '{value}' is not a number; {Usage}";
                return null;
            }

            options = args[i - 1] switch
            {
                "--seconds" => options with { Interval = TimeSpan.FromSeconds(number) },
                "--hold" => options with { Hold = TimeSpan.FromSeconds(number) },
                "--sessions" => options with { Sessions = number },
                "--storm" => options with { Storm = number },
                _ => options,
            };
        }

        return options.Bin.Length > 0 ? options : null;
    }
}
