namespace OpenShell.Gateway.Connections;

/// <summary>What peers may have before they have shown who they are, and what a sandbox may have after.</summary>
internal sealed record ConnectionOptions
{
    /// <summary>The gateway's option that sets <see cref="MaxAnonymous"/>.</summary>
    public const string MaxAnonymousOption = "--max-anonymous-connections";

    /// <summary>
    /// Connections without a token, of all listeners. For one more, the one that is idle longest is closed; half of what
    /// the limit of descriptors leaves is the most in any case.
    /// </summary>
    public int MaxAnonymous { get; init; } = 512;

    /// <summary>How long a connection without a token may be without a call.</summary>
    public TimeSpan AnonymousIdle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Calls that run at a time on a connection without a token.</summary>
    public int MaxAnonymousCalls { get; init; } = 32;

    /// <summary>
    /// Bytes that are read at once from a connection without a token, and how many a second after that. A probe takes a
    /// hundred; whoever has a token shows it in the first few hundred, and is not slowed down any more.
    /// </summary>
    public int AnonymousBytes { get; init; } = 64 * 1024;

    /// <inheritdoc cref="AnonymousBytes"/>
    public int AnonymousBytesPerSecond { get; init; } = 8 * 1024;

    /// <summary>How long a connection without a token may have sent more than that, before it is ended.</summary>
    public TimeSpan AnonymousTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Connections of one sandbox; a supervisor with all its relays has eight. For one more, the oldest is closed: after
    /// a broken network the old ones look alive for a while.
    /// </summary>
    public int MaxPerSandbox { get; init; } = 32;

    /// <summary>Descriptors that connections leave to the database, the driver and whatever else is opened for a moment.</summary>
    public int ReservedDescriptors { get; init; } = 64;
}
