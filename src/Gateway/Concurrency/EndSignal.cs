namespace OpenShell.Gateway.Concurrency;

/// <summary>
/// The end of something that others may end: the first reason stays, and everybody who watches the token learns of it.
/// Thread-safe. Never disposed: it has no timer, and somebody may be about to register.
/// </summary>
internal sealed class EndSignal
{
    private string? _reason;

    /// <summary>Cancelled at the end.</summary>
    public CancellationToken Token => Source.Token;

    /// <summary>Null: it goes on.</summary>
    public string? Reason => Volatile.Read(ref _reason);

    private CancellationTokenSource Source { get; } = new();

    public void End(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            Source.Cancel();
        }
    }
}
