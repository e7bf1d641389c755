namespace OpenShell.Gateway.Sessions;

/// <summary>What became of a hello.</summary>
/// <param name="Rejection">Why it is refused, for the supervisor's log; null if the session stands.</param>
/// <param name="Superseded">The session that it took the place of; already ended.</param>
internal readonly record struct RegisterResult(string? Rejection, SupervisorSession? Superseded);

/// <summary>
/// The live sessions: at most one per sandbox. The only place that knows whether a sandbox can be reached.
/// All changes happen under one lock that nothing awaits or calls out of, so that supersede, removal and
/// "no more sessions" cannot cross. Thread-safe.
/// </summary>
internal sealed class SessionRegistry(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SupervisorSession> _sessions = [];
    private readonly Dictionary<string, int> _highestEpochs = [];
    private readonly Dictionary<string, TaskCompletionSource<SupervisorSession?>> _awaited = [];
    private bool _stopping;

    /// <summary>Makes a session the one of its sandbox; an older one ends.</summary>
    public RegisterResult Register(SupervisorSession session)
    {
        SupervisorSession? superseded;
        TaskCompletionSource<SupervisorSession?>? awaited;
        lock (_lock)
        {
            if (_stopping)
            {
                return new RegisterResult("the gateway is shutting down", null);
            }

            var highest = _highestEpochs.GetValueOrDefault(session.SandboxId);
            if (session.BootEpoch < highest)
            {
                return new RegisterResult($"boot epoch {session.BootEpoch} is over; the sandbox was started again (epoch {highest})", null);
            }

            // Two connections of one supervisor may come in any order: the one that it gave up must not end the one that it uses.
            if (_sessions.TryGetValue(session.SandboxId, out var live) && IsEarlier(session, live))
            {
                return new RegisterResult(
                    $"connection epoch {session.ConnectionEpoch} of instance {session.InstanceId} is over; its connection {live.ConnectionEpoch} is live", null);
            }

            _highestEpochs[session.SandboxId] = session.BootEpoch;
            _sessions.Remove(session.SandboxId, out superseded);
            _sessions.Add(session.SandboxId, session);
            _awaited.Remove(session.SandboxId, out awaited);
        }

        superseded?.End(SessionEnd.Superseded);
        awaited?.TrySetResult(session);
        return new RegisterResult(null, superseded);
    }

    /// <summary>Removes a session if it still is the one of its sandbox: late cleanup never evicts a newer one.</summary>
    public bool RemoveIfCurrent(SupervisorSession session)
    {
        lock (_lock)
        {
            return _sessions.TryGetValue(session.SandboxId, out var current)
                && ReferenceEquals(current, session)
                && _sessions.Remove(session.SandboxId);
        }
    }

    /// <summary>The live session of a sandbox, or null.</summary>
    public SupervisorSession? Find(string sandboxId)
    {
        lock (_lock)
        {
            return _sessions.GetValueOrDefault(sandboxId);
        }
    }

    /// <summary>The number of live sessions.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>Waits until a sandbox has a session.</summary>
    /// <returns>Null if the time is over, or the registry stops, or the sandbox is gone for good.</returns>
    public async Task<SupervisorSession?> WaitAsync(string sandboxId, TimeSpan wait, CancellationToken cancellationToken)
    {
        Task<SupervisorSession?> coming;
        lock (_lock)
        {
            if (_sessions.TryGetValue(sandboxId, out var session) || _stopping)
            {
                return session;
            }

            if (!_awaited.TryGetValue(sandboxId, out var awaited))
            {
                awaited = new TaskCompletionSource<SupervisorSession?>(TaskCreationOptions.RunContinuationsAsynchronously);
                _awaited.Add(sandboxId, awaited);
            }

            coming = awaited.Task;
        }

        try
        {
            return await coming.WaitAsync(wait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>
    /// Ends the session of a sandbox that stops or is deleted and refuses every epoch below <paramref name="nextEpoch"/>,
    /// so that a supervisor that is still running does not come back.
    /// </summary>
    public SupervisorSession? Disconnect(string sandboxId, int nextEpoch)
    {
        SupervisorSession? session;
        lock (_lock)
        {
            _sessions.Remove(sandboxId, out session);
            _highestEpochs[sandboxId] = Math.Max(nextEpoch, _highestEpochs.GetValueOrDefault(sandboxId));
        }

        session?.End(SessionEnd.Disconnected);
        return session;
    }

    /// <summary>Forgets a sandbox that does not exist any more; whoever waits for it gets null.</summary>
    public void Forget(string sandboxId)
    {
        TaskCompletionSource<SupervisorSession?>? awaited;
        lock (_lock)
        {
            _highestEpochs.Remove(sandboxId);
            _awaited.Remove(sandboxId, out awaited);
        }

        awaited?.TrySetResult(null);
    }

    /// <summary>Refuses new sessions, ends all and lets everybody who waits go.</summary>
    public void Stop()
    {
        SupervisorSession[] sessions;
        TaskCompletionSource<SupervisorSession?>[] awaited;
        lock (_lock)
        {
            _stopping = true;
            sessions = [.. _sessions.Values];
            awaited = [.. _awaited.Values];
            _sessions.Clear();
            _awaited.Clear();
        }

        Array.ForEach(sessions, s => s.End(SessionEnd.Stopping));
        Array.ForEach(awaited, a => a.TrySetResult(null));
    }

    private static bool IsEarlier(SupervisorSession session, SupervisorSession live) =>
        session.InstanceId == live.InstanceId
        && session.BootEpoch == live.BootEpoch
        && session.ConnectionEpoch != 0
        && session.ConnectionEpoch < live.ConnectionEpoch;
}
