namespace OpenShell.Gateway.Model;

/// <summary>What a random run may do.</summary>
internal enum StepKind
{
    /// <summary>One of the continuations that could run now runs, up to its next await.</summary>
    Run,

    /// <summary>A supervisor dials, with the token of the sandbox's boot or of one before.</summary>
    Dial,

    /// <summary>A supervisor's stream ends.</summary>
    HangUp,
    Open,
    GiveUp,

    /// <summary>A supervisor claims a channel that it was sent, perhaps once more.</summary>
    Claim,
    ClaimAsAnother,

    /// <summary>A supervisor says that it cannot connect the target.</summary>
    Refuse,

    /// <summary>A claimed relay's stream ends.</summary>
    EndRelay,
    StopSandbox,
    StartSandbox,
    Snapshot,
    TimePasses,
    StopGateway,
}

/// <summary>One step of a random run.</summary>
/// <param name="Sandbox">To which of the sandboxes, if it is about one.</param>
/// <param name="Pick">Chooses among what there is: taken modulo its number.</param>
/// <param name="SplitAt">
/// The step that follows happens inside this one, at the n-th place where it looks at the clock or sets a timer; 0 is never.
/// </param>
internal sealed record Step(StepKind Kind, int Sandbox, int Pick, int SplitAt);
