namespace OpenShell.Cli.Forwarding;

/// <summary>A run of <c>forward start</c>, as others find it.</summary>
internal sealed record ForwardRecord
{
    /// <summary>Process id.</summary>
    public required int Pid { get; init; }

    /// <summary>When that process started, in clock ticks since <see cref="Boot"/>: a pid is used again, the two together are not.</summary>
    public required long StartTicks { get; init; }

    /// <summary>The machine's boot id.</summary>
    public required string Boot { get; init; }

    /// <summary>The gateway's name or address.</summary>
    public required string Gateway { get; init; }

    /// <summary>Name of the sandbox.</summary>
    public required string Sandbox { get; init; }

    /// <summary>Its id.</summary>
    public required string SandboxId { get; init; }

    /// <summary>Left to itself with --detach.</summary>
    public required bool Detached { get; init; }

    /// <summary>What is forwarded.</summary>
    public required IReadOnlyList<ForwardPorts> Ports { get; init; }
}
