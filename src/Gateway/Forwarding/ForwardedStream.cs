namespace OpenShell.Gateway.Forwarding;

/// <summary>
/// One ForwardTcp call, or one connection to the public SSH gateway, from before its token is looked at. Owned by that;
/// disposing gives its places back.
/// </summary>
internal sealed class ForwardedStream(ForwardTable table, string sessionId, string sandboxId) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private string? _reason;

    public string SessionId => sessionId;

    public string SandboxId { get; set; } = sandboxId;

    /// <summary>What it counts as against the limits; null: not yet. The table's, under its lock.</summary>
    public ForwardKind? CountedAs { get; set; }

    /// <summary>Cancelled when somebody other than the two ends wants it to be over.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Why it was ended; null if nobody did. The first reason stays.</summary>
    public string? EndReason => Volatile.Read(ref _reason);

    public void End(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            _ended.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => table.Remove(this);
}
