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

    /// <summary>What any wait may take beyond what it measures.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Idle sessions to hold.</summary>
    public int Sessions { get; init; } = 10_000;

    /// <summary>How long they are held while the gateway's CPU time is counted.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long they are left alone before that.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Sessions of the reconnect storm.</summary>
    public int Storm { get; init; } = 1_000;

    /// <summary>Warming up before commands are measured: the gateway's runtime goes on compiling what runs often for some seconds.</summary>
    public TimeSpan ExecWarmUp { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>As <see cref="ExecWarmUp"/>, in a machine.</summary>
    public TimeSpan VmWarmUp { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Warming up before bytes are measured.</summary>
    public TimeSpan StreamWarmUp { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Relays that are opened, one after another.</summary>
    public int Opens { get; init; } = 300;

    /// <summary>Processes that the supervisor starts by itself.</summary>
    public int Spawns { get; init; } = 1000;

    /// <summary>Starts of ssh that are measured.</summary>
    public int Connects { get; init; } = 30;

    /// <summary>Commands over a connection that ssh has already.</summary>
    public int SshRuns { get; init; } = 50;

    /// <summary>Transfers by ssh of which the best counts.</summary>
    public int Repeats { get; init; } = 3;

    /// <summary>Bytes that come out of a sandbox by ssh.</summary>
    public long CatBytes { get; init; } = 1L << 30;

    /// <summary>Bytes that go into a sandbox by sftp.</summary>
    public long PutBytes { get; init; } = 256L << 20;

    /// <summary>Whether OpenSSH is measured too.</summary>
    public bool Ssh { get; init; } = true;

    /// <summary>Relays only: echoes on a machine whose cores others have taken.</summary>
    public bool Busy { get; init; }

    /// <summary>Rounds of <see cref="Busy"/>, in each of which both ways have their turn.</summary>
    public int BusyRounds { get; init; } = 5;

    /// <summary>Whether commands in a machine are measured too.</summary>
    public bool Vm { get; init; } = true;

    /// <summary>Commands only: without the environment of a login shell.</summary>
    public bool NoLoginShell { get; init; }

    public static LoadOptions? Parse(string[] args, out string error)
    {
        const string Usage = "usage: openshell-load relay|sessions|exec|ssh --bin DIR [--seconds N] [--sessions N] [--hold N] [--storm N] [--limit N] [--no-ssh] [--no-vm] [--short] [--busy, of relay] [--no-login-shell, of exec]";
        error = Usage;
        if (args is not ["relay" or "sessions" or "exec" or "ssh", ..])
        {
            return null;
        }

        var options = new LoadOptions { Bench = args[0], Bin = "" };
        for (var i = 1; i < args.Length; i++)
        {
            if (options.WithFlag(args[i]) is { } changed)
            {
                options = changed;
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
                "--limit" => options with { Limit = TimeSpan.FromSeconds(number) },
                _ => null,
            };
            if (options is null)
            {
                error = $"{args[i - 1]} is unknown; {Usage}";
                return null;
            }
        }

        return options.Bin.Length > 0 ? options : null;
    }

    private LoadOptions? WithFlag(string name) => name switch
    {
        "--no-ssh" => this with { Ssh = false },
        "--no-vm" => this with { Vm = false },
        "--busy" when Bench == "relay" => this with { Busy = true },
        "--no-login-shell" when Bench == "exec" => this with { NoLoginShell = true },
        "--short" => Short(),
        _ => null,
    };

    // Everything once, for a second or less: whether it works, not how fast.
    private LoadOptions Short() => this with
    {
        Interval = TimeSpan.FromSeconds(1),
        Sessions = 20,
        Hold = TimeSpan.FromSeconds(1),
        Settle = TimeSpan.Zero,
        Storm = 20,
        ExecWarmUp = TimeSpan.Zero,
        VmWarmUp = TimeSpan.Zero,
        StreamWarmUp = TimeSpan.Zero,
        BusyRounds = 1,
        Opens = 10,
        Spawns = 10,
        Connects = 2,
        SshRuns = 2,
        Repeats = 1,
        CatBytes = 8 << 20,
        PutBytes = 8 << 20,
    };
}
