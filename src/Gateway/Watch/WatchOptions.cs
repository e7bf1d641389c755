namespace OpenShell.Gateway.Watch;

/// <summary>Limits of WatchSandbox streams; every change of a sandbox is written to each of its watchers.</summary>
internal sealed record WatchOptions
{
    /// <summary>Options of the gateway that set these; a refusal names the one that it is because of.</summary>
    public const string MaxOption = "--max-watches";
    public const string MaxPerConnectionOption = "--max-watches-per-connection";

    /// <summary>At a time, of all connections.</summary>
    public int Max { get; init; } = 4096;

    /// <summary>At a time, of one connection.</summary>
    public int MaxPerConnection { get; init; } = 1024;
}
