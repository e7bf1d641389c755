namespace OpenShell.Gateway.Logs;

/// <summary>What is kept of sandboxes' logs and platform events, in memory.</summary>
internal sealed record LogLimits
{
    /// <summary>Lines of one sandbox; as many as OpenShell's gateway keeps.</summary>
    public int MaxLines { get; init; } = 2000;

    /// <summary>Platform events of one sandbox; a boot has about ten.</summary>
    public int MaxEvents { get; init; } = 256;

    /// <summary>Bytes of one sandbox: 2000 ordinary lines are about half of it. Platform events have at most a quarter.</summary>
    public long MaxBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of all sandboxes together. When many are full, each keeps its share of this.</summary>
    public long MaxTotalBytes { get; init; } = 256 * 1024 * 1024;
}
