using System.Security.Cryptography;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Admission;

/// <summary>
/// Lets each request_id in once. A request is stored before its work begins, and its success when it is done; one that
/// failed, or whose end nobody knows, is never begun a second time. Thread-safe.
/// </summary>
internal sealed class RequestAdmission(IRequestStore store, RequestFingerprints fingerprints, TimeProvider time, ILogger<RequestAdmission> logger)
{
    /// <summary>How long a success can be asked for again, from its completion.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(24);

    /// <summary>Most requests that are stored of one caller, without failures older than <see cref="Window"/>.</summary>
    public const int MaxStoredPerCaller = 1000;

    /// <summary>
    /// Most failures older than <see cref="Window"/> that are stored of one caller; beyond it the oldest go. As
    /// no more than <see cref="MaxStoredPerCaller"/> are added in a window, what goes is weeks old.
    /// </summary>
    public const int MaxFailedPerCaller = 20_000;

    /// <summary>Most requests whose work has begun and not ended. Those that stream are not among them: relays have a bound of their own.</summary>
    public const int MaxAtWork = 64;

    private static readonly RequestQuota Quota = new(MaxStoredPerCaller, MaxFailedPerCaller);

    private int _atWork;

    /// <summary>Asks whether a request may begin.</summary>
    /// <param name="workspaceId">Of its workspace; empty: it is for none.</param>
    /// <param name="canonical">Its content, the same for the same content.</param>
    /// <param name="kind">What it does to the store, and for how long.</param>
    public async Task<AdmissionDecision> EnterAsync(
        RequestKey key, string workspaceId, ReadOnlyMemory<byte> canonical, RequestKind kind, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var request = new StoredRequest
        {
            Key = key,
            WorkspaceId = workspaceId,
            Fingerprint = fingerprints.Of(canonical.Span),
            FingerprintKey = fingerprints.KeyId,
            BegunAt = now,
            MayUseReserve = kind == RequestKind.Change,
        };
        var place = kind == RequestKind.Stream ? null : TryTakePlace();
        try
        {
            if (kind != RequestKind.Stream && place is null)
            {
                return await store.FindRequestAsync(key, now - Window, cancellationToken) is { } known
                    ? Judge(request, known)
                    : Refuse($"{MaxAtWork} requests with a request_id are at work, which is the most; try again later");
            }

            // What has been queued happens: whoever stops waiting for it must not leave it behind as begun.
            cancellationToken.ThrowIfCancellationRequested();
            var begin = await store.BeginRequestAsync(request, now - Window, Quota, CancellationToken.None);
            if (begin.Existing is { } existing)
            {
                return Judge(request, existing);
            }

            if (begin.IsFull)
            {
                return Refuse(
                    $"{MaxStoredPerCaller} requests with a request_id are stored for this caller, which is the most; "
                    + $"what has ended does not count any more after {Window.TotalHours} h");
            }

            var admitted = new AdmittedRequest(store, key, time, logger, place);
            place = null;
            return new AdmissionDecision { Admitted = admitted };
        }
        finally
        {
            place?.Dispose();
        }
    }

    /// <summary>The answer where what a request has made cannot be shown again.</summary>
    public static Failure CannotReplay(string why) => new(FailureKind.FailedPrecondition, $"the request has succeeded before, but {why}")
    {
        Reason = ErrorReasons.RequestReplayUnavailable,
    };

    private static AdmissionDecision Refuse(string message) => new() { Refusal = new Failure(FailureKind.ResourceExhausted, message) };

    private static AdmissionDecision Judge(StoredRequest request, StoredRequest known)
    {
        var sameKey = request.FingerprintKey == known.FingerprintKey;
        if (sameKey && !CryptographicOperations.FixedTimeEquals(request.Fingerprint.Span, known.Fingerprint.Span))
        {
            return Refuse(
                ErrorReasons.RequestIdPayloadMismatch, "was used with another request; take a new one for this request");
        }

        if (known.CompletedAt is null)
        {
            return Refuse(
                ErrorReasons.RequestOutcomeUncertain,
                "was used before, and that request runs, has failed or was lost; look at what is there, then take a new one");
        }

        if (!sameKey)
        {
            return new AdmissionDecision
            {
                Refusal = CannotReplay("the key that its fingerprint was made with is gone, so it cannot be compared with this one"),
            };
        }

        return request.WorkspaceId == known.WorkspaceId
            ? new AdmissionDecision { Known = known }
            : new AdmissionDecision { Refusal = CannotReplay($"its workspace '{known.Key.Workspace}' was replaced since by another one of that name") };

        AdmissionDecision Refuse(string reason, string why) => new()
        {
            Refusal = new Failure(FailureKind.FailedPrecondition, $"request_id '{request.Key.RequestId}' {why}") { Reason = reason },
        };
    }

    private Place? TryTakePlace()
    {
        if (Interlocked.Increment(ref _atWork) <= MaxAtWork)
        {
            return new Place(this);
        }

        Interlocked.Decrement(ref _atWork);
        return null;
    }

    private sealed class Place(RequestAdmission admission) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref admission._atWork);
    }
}

/// <summary>What a request does to the store, and for how long.</summary>
internal enum RequestKind
{
    /// <summary>Adds something.</summary>
    Creation,

    /// <summary>Changes or removes something: it goes on when the disk is full.</summary>
    Change,

    /// <summary>Begins a stream, which lives as long as it likes.</summary>
    Stream,
}

/// <summary>Whether a request may begin; one of the three is there.</summary>
internal readonly record struct AdmissionDecision
{
    /// <summary>It may, and is at work from now on.</summary>
    public AdmittedRequest? Admitted { get; init; }

    /// <summary>It was done before, and succeeded.</summary>
    public StoredRequest? Known { get; init; }

    /// <summary>Why it may not.</summary>
    public Failure? Refusal { get; init; }
}

/// <summary>A request whose work may begin. Its owner is the call; disposing it ends the work, whatever became of it.</summary>
internal sealed class AdmittedRequest(IRequestStore store, RequestKey key, TimeProvider time, ILogger logger, IDisposable? place) : IDisposable
{
    /// <summary>Stores its success. If that fails, the request is one of unknown outcome; it has succeeded all the same.</summary>
    public Task CompleteAsync(RequestResult result) =>
        EndAsync(() => store.CompleteRequestAsync(key, result, time.GetUtcNow(), CancellationToken.None), AdmissionLog.NotCompleted);

    /// <summary>Stores that its work has ended without a success.</summary>
    public Task FailAsync() =>
        EndAsync(() => store.FailRequestAsync(key, time.GetUtcNow(), CancellationToken.None), AdmissionLog.NotFailed);

    /// <inheritdoc/>
    public void Dispose() => place?.Dispose();

    private async Task EndAsync(Func<Task> write, Action<ILogger, string, string> log)
    {
        try
        {
            await write();
        }
        catch (StoreUnavailableException e)
        {
            log(logger, key.Method, e.Message);
        }
    }
}
