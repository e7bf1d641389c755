namespace OpenShell.Gateway.SshAccess;

/// <summary>Limits of forwarded streams, of the tokens that open them, and of connections to the public SSH gateway.</summary>
internal sealed record SshAccessOptions
{
    /// <summary>Options of the gateway that set these; a refusal names the one that it is because of.</summary>
    public const string MaxPerTokenOption = "--max-forwards-per-token";
    public const string MaxPerSandboxOption = "--max-forwards-per-sandbox";
    public const string MaxSshPerSandboxOption = "--max-ssh-connections-per-sandbox";

    /// <summary>Forwarded streams at a time with one token: what somebody can do who got hold of one.</summary>
    public int MaxPerToken { get; init; } = 64;

    /// <summary>
    /// Forwarded streams at a time into one sandbox. A browser opens dozens; what is left of the sandbox's relays
    /// (<see cref="Relays.RelayOptions.MaxActivePerSandbox"/>) is for commands.
    /// </summary>
    public int MaxPerSandbox { get; init; } = 192;

    /// <summary>Connections of the public SSH gateway at a time to one sandbox.</summary>
    public int MaxSshPerSandbox { get; init; } = 64;

    /// <summary>Life of a token; it is looked at when a stream is opened.</summary>
    public TimeSpan TokenLife { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long a stream waits for the session of its sandbox, and for its turn where many come up at once.</summary>
    public TimeSpan SessionWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time between two removals of tokens that are over.</summary>
    public TimeSpan ReapInterval { get; init; } = TimeSpan.FromHours(1);
}
