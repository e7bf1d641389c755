namespace Grpc.Core;

/// <summary>What a caller may say about one call. A value: every <c>With</c> method returns a changed copy.</summary>
public struct CallOptions
{
    /// <summary>Options for one call.</summary>
    /// <param name="headers">Request metadata.</param>
    /// <param name="deadline">When the call fails with DeadlineExceeded, in UTC: Grpc.Net.Client refuses any other kind. Null is never.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="writeOptions">How requests are written.</param>
    /// <param name="propagationToken">The server call that this call is part of.</param>
    /// <param name="credentials">Credentials of this call alone.</param>
    public CallOptions(
        Metadata? headers = null,
        DateTime? deadline = null,
        CancellationToken cancellationToken = default,
        WriteOptions? writeOptions = null,
        ContextPropagationToken? propagationToken = null,
        CallCredentials? credentials = null)
    {
        Headers = headers;
        Deadline = deadline;
        CancellationToken = cancellationToken;
        WriteOptions = writeOptions;
        PropagationToken = propagationToken;
        Credentials = credentials;
        IsWaitForReady = false;
    }

    /// <summary>Request metadata, or null for none.</summary>
    public Metadata? Headers { get; private set; }

    /// <summary>When the call fails with <see cref="StatusCode.DeadlineExceeded"/>; null is never.</summary>
    public DateTime? Deadline { get; private set; }

    /// <summary>Cancels the call, which then ends with <see cref="StatusCode.Cancelled"/>.</summary>
    public CancellationToken CancellationToken { get; private set; }

    /// <summary>How requests are written, or null for the default.</summary>
    public WriteOptions? WriteOptions { get; private set; }

    /// <summary>The server call that this call is part of, or null.</summary>
    public ContextPropagationToken? PropagationToken { get; private set; }

    /// <summary>Credentials of this call alone, or null.</summary>
    public CallCredentials? Credentials { get; private set; }

    /// <summary>Whether the call waits for a connection instead of failing with <see cref="StatusCode.Unavailable"/>.</summary>
    public bool IsWaitForReady { get; private set; }

    /// <summary>A copy with these request metadata.</summary>
    public readonly CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    /// <summary>A copy with this deadline.</summary>
    public readonly CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    /// <summary>A copy with this token.</summary>
    public readonly CallOptions WithCancellationToken(CancellationToken cancellationToken) =>
        this with { CancellationToken = cancellationToken };

    /// <summary>A copy with these write options.</summary>
    public readonly CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };

    /// <summary>A copy that is part of the given server call.</summary>
    public readonly CallOptions WithPropagationToken(ContextPropagationToken propagationToken) =>
        this with { PropagationToken = propagationToken };

    /// <summary>A copy with these credentials.</summary>
    public readonly CallOptions WithCredentials(CallCredentials credentials) => this with { Credentials = credentials };

    /// <summary>A copy that waits for a connection, or does not.</summary>
    public readonly CallOptions WithWaitForReady(bool waitForReady = true) => this with { IsWaitForReady = waitForReady };
}
