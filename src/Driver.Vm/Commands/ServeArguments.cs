using System.CommandLine;

namespace OpenShell.Driver.Vm.Commands;

/// <summary>The options of the driver itself.</summary>
internal sealed class ServeArguments
{
    private readonly Option<string?> _socket = EnvironmentOption.Create("--socket", "Unix socket to serve on");
    private readonly Option<string?> _stateDirectory = EnvironmentOption.Create(
        "--state-dir", "Directory for everything that is kept", DefaultPaths.StateDirectory);
    private readonly Option<string?> _guestDirectory = EnvironmentOption.Create("--guest-dir", "Guest kernel and images", DefaultPaths.GuestDirectory);
    private readonly Option<string?> _supervisor = EnvironmentOption.Create("--supervisor", "The static supervisor", DefaultPaths.Supervisor);
    private readonly Option<string?> _endpoint = EnvironmentOption.Create(
        "--supervisor-endpoint", "Where the gateway accepts supervisors: unix:PATH or tcp:ADDRESS:PORT");
    private readonly Option<string?> _acceleration = EnvironmentOption.Create("--accel", "auto, kvm or tcg (software emulation)", "auto");
    private readonly Option<string?> _vcpus = EnvironmentOption.Create("--vcpus", "Virtual processors of a sandbox that asks for none", "1");
    private readonly Option<string?> _memory = EnvironmentOption.Create("--memory", "Memory of a sandbox that asks for none", "256MiB");
    private readonly Option<string?> _disk = EnvironmentOption.Create("--disk", "Writable disk of a sandbox that asks for none", "4GiB");
    private readonly Option<string?> _minFreeDisk = EnvironmentOption.Create(
        "--min-free-disk",
        "Free space at the state directory below which no sandbox is made: a size, 0, or auto (1GiB or 2 % of the file system, whichever is more)",
        "auto");
    private readonly Option<string?> _defaultImage = EnvironmentOption.Create("--default-image", "Image of a sandbox that names none", "tiny");
    private readonly Option<string?> _logLevel = EnvironmentOption.Create("--log-level", "trace, debug, info, warn or error", "info");
    private readonly Option<string?> _lifeline = EnvironmentOption.Create(
        "--lifeline", "stdin: end, leaving the machines running, when standard input ends");

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _socket, _stateDirectory, _guestDirectory, _supervisor, _endpoint, _acceleration, _vcpus, _memory, _disk, _minFreeDisk,
            _defaultImage, _logLevel, _lifeline,
        ];
        foreach (var option in options)
        {
            command.Options.Add(option);
        }
    }

    public ServeTexts Read(ParseResult result) => new()
    {
        Socket = result.GetValue(_socket),
        StateDirectory = result.GetValue(_stateDirectory),
        GuestDirectory = result.GetValue(_guestDirectory),
        Supervisor = result.GetValue(_supervisor),
        SupervisorEndpoint = result.GetValue(_endpoint),
        Acceleration = result.GetValue(_acceleration),
        VirtualCpus = result.GetValue(_vcpus),
        Memory = result.GetValue(_memory),
        Disk = result.GetValue(_disk),
        MinFreeDisk = result.GetValue(_minFreeDisk),
        DefaultImage = result.GetValue(_defaultImage),
        LogLevel = result.GetValue(_logLevel),
        Lifeline = result.GetValue(_lifeline),
    };
}

/// <summary>The options as they were written.</summary>
internal sealed record ServeTexts
{
    public string? Socket { get; init; }

    public string? StateDirectory { get; init; }

    public string? GuestDirectory { get; init; }

    public string? Supervisor { get; init; }

    public string? SupervisorEndpoint { get; init; }

    public string? Acceleration { get; init; }

    public string? VirtualCpus { get; init; }

    public string? Memory { get; init; }

    public string? Disk { get; init; }

    public string? MinFreeDisk { get; init; }

    public string? DefaultImage { get; init; }

    public string? LogLevel { get; init; }

    public string? Lifeline { get; init; }
}
