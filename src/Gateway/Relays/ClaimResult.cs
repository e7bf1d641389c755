namespace OpenShell.Gateway.Relays;

/// <summary>What became of a claim.</summary>
internal enum ClaimOutcome
{
    Claimed,

    /// <summary>Never opened, claimed already, given up or reaped.</summary>
    Unknown,

    /// <summary>Another sandbox's; the channel stays claimable by its own.</summary>
    WrongSandbox,

    /// <summary>Too late; the channel is used up.</summary>
    Expired,

    /// <summary>No room for another active relay; the channel is used up and its opener knows.</summary>
    LimitReached,
}

/// <summary>Outcome of a claim, with the relay if it succeeded.</summary>
internal readonly record struct ClaimResult(ClaimOutcome Outcome, PendingRelay? Pending, ActiveRelay? Active);
