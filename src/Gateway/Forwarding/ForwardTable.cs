using OpenShell.Protocol.Outcomes;

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
    public Failure? TryCount(ForwardedStream stream)
    {
        lock (_lock)
        {
            if (CountOf(ForwardKind.Stream, s => s.SessionId == stream.SessionId) >= options.MaxPerToken)
            {
                return Full($"there are {options.MaxPerToken} forwarded streams with this token", ForwardOptions.MaxPerTokenOption);
            }

            return TryCount(stream, ForwardKind.Stream, options.MaxPerSandbox, "forwarded streams", ForwardOptions.MaxPerSandboxOption);
        }
    }

    /// <summary>As <see cref="TryCount(ForwardedStream)"/> for a connection of SSH; tokens have no limit of their own there.</summary>
    public Failure? TryCountConnection(ForwardedStream stream)
    {
        lock (_lock)
        {
            return TryCount(stream, ForwardKind.SshConnection, options.MaxSshPerSandbox, "SSH connections", ForwardOptions.MaxSshPerSandboxOption);
        }
    }

    /// <summary>How many there are with a token.</summary>
    public int Count(string sessionId)
    {
        lock (_lock)
        {
            return _streams.Count(s => s.CountedAs is not null && s.SessionId == sessionId);
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

    private Failure? TryCount(ForwardedStream stream, ForwardKind kind, int most, string what, string option)
    {
        if (CountOf(kind, s => s.SandboxId == stream.SandboxId) >= most)
        {
            return Full($"the sandbox has {most} {what}", option);
        }

        stream.CountedAs = kind;
        return null;
    }

    private int CountOf(ForwardKind kind, Func<ForwardedStream, bool> which) => _streams.Count(s => s.CountedAs == kind && which(s));

    private static Failure Full(string what, string option) =>
        new(FailureKind.ResourceExhausted, $"{what}, which is the limit; close some, or raise the gateway's {option}");
}
