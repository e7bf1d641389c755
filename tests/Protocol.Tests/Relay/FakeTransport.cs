namespace OpenShell.Protocol.Relay;

/// <summary>Records what a relay asks of its stream.</summary>
internal sealed class FakeTransport(bool peerEndsStream) : IRelayTransport
{
    public List<string> Calls { get; } = [];

    /// <summary>What the end of the peer's direction throws.</summary>
    public Exception? Failure { get; init; }

    /// <summary>What the end of our direction throws.</summary>
    public Exception? CompleteFailure { get; init; }

    /// <summary>What else happens when our direction ends.</summary>
    public Action? OnComplete { get; init; }

    public bool PeerEndsStream => peerEndsStream;

    public ValueTask CompleteWritesAsync()
    {
        Calls.Add("complete");
        OnComplete?.Invoke();
        return CompleteFailure is { } failure ? ValueTask.FromException(failure) : ValueTask.CompletedTask;
    }

    public void ThrowIfFailed()
    {
        if (Failure is not null)
        {
            throw Failure;
        }
    }

    public void Abort() => Calls.Add("abort");

    public ValueTask CloseAsync(bool clean)
    {
        Calls.Add(clean ? "close clean" : "close reset");
        return ValueTask.CompletedTask;
    }
}
