namespace OpenShell.Gateway.Store;

/// <summary>
/// Requests that are to be done at most once. Every method is atomic and durable when its task completes, and throws
/// <see cref="StoreUnavailableException"/> when the database does not take the operation. Thread-safe.
/// </summary>
internal interface IRequestStore
{
    /// <summary>
    /// Adds a request whose work is about to begin, unless one with its key is there. Of two with the same key one is begun and
    /// the other is told of it. What was completed before <paramref name="expired"/> is removed first, and so are the oldest of
    /// the caller's that failed before it, as far as there are too many.
    /// </summary>
    Task<RequestBegin> BeginRequestAsync(
        StoredRequest request, DateTimeOffset expired, RequestQuota quota, CancellationToken cancellationToken);

    /// <summary>The request with this key, unless it was completed before <paramref name="expired"/>; null if there is none.</summary>
    Task<StoredRequest?> FindRequestAsync(RequestKey key, DateTimeOffset expired, CancellationToken cancellationToken);

    /// <summary>Notes that a request which was begun has succeeded.</summary>
    /// <returns>False: it is not there, or was completed before.</returns>
    Task<bool> CompleteRequestAsync(RequestKey key, RequestResult result, DateTimeOffset time, CancellationToken cancellationToken);

    /// <summary>Notes that a request which was begun has failed, and is not at work any more.</summary>
    /// <returns>False: it is not there, or has ended before.</returns>
    Task<bool> FailRequestAsync(RequestKey key, DateTimeOffset time, CancellationToken cancellationToken);
}

/// <summary>How many requests of one caller are stored.</summary>
/// <param name="Max">Without those that failed before they expired: beyond it nothing is added.</param>
/// <param name="MaxFailed">Of those that failed before: beyond it the oldest are removed.</param>
internal sealed record RequestQuota(int Max, int MaxFailed);

/// <summary>Who has sent which request.</summary>
/// <param name="Issuer">Of whatever showed who the caller is; empty: there is none.</param>
/// <param name="Method">Its path.</param>
/// <param name="Workspace">Name of the workspace that it is for; empty: it is for none.</param>
/// <param name="RequestId">In lower case.</param>
internal sealed record RequestKey(
    string IdentityProvider, string Issuer, string Subject, string Method, string Workspace, string RequestId);

/// <summary>What a request has made or done, as far as it takes to answer it again.</summary>
/// <param name="ObjectId">Of what it was about; empty: nothing.</param>
/// <param name="ObjectVersion">The version that this had then; 0: it does not matter.</param>
/// <param name="Outcome">Of a deletion, in the numbers of the wire.</param>
internal sealed record RequestResult(string ObjectId = "", ulong ObjectVersion = 0, int Outcome = 0);

/// <summary>A request as it is stored. There is nothing of its content.</summary>
internal sealed record StoredRequest
{
    public required RequestKey Key { get; init; }

    /// <summary>Id of the workspace; empty: it is for none.</summary>
    public required string WorkspaceId { get; init; }

    /// <summary>Of its content.</summary>
    public required ReadOnlyMemory<byte> Fingerprint { get; init; }

    /// <summary>Which key made the fingerprint.</summary>
    public required string FingerprintKey { get; init; }

    /// <summary>Room is found for it on a full disk; not stored.</summary>
    public bool MayUseReserve { get; init; }

    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>When it succeeded; null: it runs, has failed, or was lost with the gateway.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    public RequestResult Result { get; init; } = new();
}

/// <summary>What became of a begin.</summary>
/// <param name="Existing">The request that had the key; null: there was none.</param>
/// <param name="IsFull">There was none, and the caller has as many as it may: nothing was added.</param>
internal readonly record struct RequestBegin(StoredRequest? Existing, bool IsFull);
