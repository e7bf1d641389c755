namespace OpenShell.Supervisor.Clock;

/// <summary>A clock that can be set: the machine's, or a test's.</summary>
internal interface IWallClock
{
    DateTimeOffset Now { get; }

    /// <summary>Moves it at once. Null, or why it could not be.</summary>
    string? Step(TimeSpan by);

    /// <summary>Lets it make up for so much by and by. Null, or why it could not be.</summary>
    string? Slew(TimeSpan by);
}
