namespace OpenShell.Gateway.Forwarding;

/// <summary>Limits of forwarded streams and of the tokens that open them (reference/openshell-gateway.md 3.5 and 3.6).</summary>
internal sealed class ForwardOptions
{
    /// <summary>Forwarded streams at a time with one token.</summary>
    public int MaxPerToken { get; init; } = 3;

    /// <summary>Forwarded streams at a time into one sandbox.</summary>
    public int MaxPerSandbox { get; init; } = 20;

    /// <summary>Life of a token; it is looked at when a stream is opened.</summary>
    public TimeSpan TokenLife { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long a stream waits for the session of its sandbox.</summary>
    public TimeSpan SessionWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time between two removals of tokens that are over.</summary>
    public TimeSpan ReapInterval { get; init; } = TimeSpan.FromHours(1);
}
