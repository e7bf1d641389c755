namespace OpenShell.Gateway.Forwarding;

/// <summary>
/// Every forwarded stream, and the limits on them. A stream enters before its token is read and counts after: a token
/// that is revoked in between ends the stream, whichever of the two was first. Thread-safe.
/// </summary>
internal sealed class ForwardTable(ForwardOptions options)
{
    private readonly Lock _lock = new();
    private readonly HashSet<ForwardedStream> _streams = [];

    /// <summary>Makes a stream known, for <see cref="EndSession"/>; it does not count yet.</summary>
    public ForwardedStream Enter(string sessionId, string sandboxId)
    {
        var stream = new ForwardedStream(this, sessionId, sandboxId);
        lock (_lock)
        {
            _streams.Add(stream);
        }

        return stream;
    }

    /// <summary>Takes a place of the token and one of the sandbox, or none.</summary>
    /// <returns>The failure to tell the caller if a limit is reached.</returns>
    public Failure? TryCount(ForwardedStream stream) => TryCount(stream, options.MaxPerToken);

    /// <summary>As <see cref="TryCount(ForwardedStream)"/> for a connection of SSH; tokens have no limit of their own there.</summary>
    public Failure? TryCountConnection(ForwardedStream stream) => TryCount(stream, int.MaxValue);

    /// <summary>How many there are with a token.</summary>
    public int Count(string sessionId)
    {
        lock (_lock)
        {
            return _streams.Count(s => s.Counted && s.SessionId == sessionId);
        }
    }

    private Failure? TryCount(ForwardedStream stream, int maxPerToken)
    {
        lock (_lock)
        {
            if (_streams.Count(s => s.Counted && s.SessionId == stream.SessionId) >= maxPerToken)
            {
                return new Failure(FailureKind.ResourceExhausted, "SSH session connection limit reached");
            }

            if (_streams.Count(s => s.Counted && s.SandboxId == stream.SandboxId) >= options.MaxPerSandbox)
            {
                return new Failure(FailureKind.ResourceExhausted, "sandbox SSH connection limit reached");
            }

            stream.Counted = true;
            return null;
        }
    }

    /// <summary>Ends the streams of a token.</summary>
    public void EndSession(string sessionId, string reason)
    {
        ForwardedStream[] streams;
        lock (_lock)
        {
            streams = [.. _streams.Where(s => s.SessionId == sessionId)];
        }

        Array.ForEach(streams, s => s.End(reason));
    }

    /// <summary>Called by a stream that is over.</summary>
    public void Remove(ForwardedStream stream)
    {
        lock (_lock)
        {
            _streams.Remove(stream);
        }
    }
}
