namespace OpenShell.Gateway.Logs;

/// <summary>What is kept of sandboxes' logs, in memory.</summary>
internal sealed record LogLimits
{
    /// <summary>Lines of one sandbox; as many as OpenShell's gateway keeps.</summary>
    public int MaxLines { get; init; } = 2000;

    /// <summary>Bytes of one sandbox: 2000 ordinary lines are about half of it.</summary>
    public long MaxBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of all sandboxes together. When many are full, each keeps its share of this.</summary>
    public long MaxTotalBytes { get; init; } = 256 * 1024 * 1024;
}
