namespace OpenShell.Driver.Vm.Commands;

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
