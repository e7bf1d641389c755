namespace OpenShell.Gateway.Store;

/// <summary>What became of a write.</summary>
internal enum StoreOutcome
{
    /// <summary>It is durable.</summary>
    Done,

    /// <summary>The id or the name is taken.</summary>
    AlreadyExists,

    /// <summary>There is no such row.</summary>
    NotFound,

    /// <summary>Somebody wrote in between; read again.</summary>
    Conflict,
}

/// <summary>Outcome of a write and the version that the row has now (0 if there is none).</summary>
internal readonly record struct StoreResult(StoreOutcome Outcome, ulong ResourceVersion);
