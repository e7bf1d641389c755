using System.Threading.Tasks.Sources;

namespace OpenShell.Supervisor.Polling;

/// <summary>
/// "It may be ready now", once per edge: set by the event loop, consumed by the one waiter of a direction.
/// Set without a waiter it is remembered.
/// </summary>
internal sealed class ReadinessSignal : IValueTaskSource
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private bool _set;
    private bool _waiting;

    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        short version;
        lock (_lock)
        {
            if (_set)
            {
                _set = false;
                return ValueTask.CompletedTask;
            }

            _core.Reset();
            version = _core.Version;
            _waiting = true;
        }

        // After the wait stands: a token that is already cancelled runs this at once.
        _cancellation = cancellationToken.UnsafeRegister(
            static (state, token) => ((ReadinessSignal)state!).Cancel(token), this);
        return new ValueTask(this, version);
    }

    public void Set()
    {
        lock (_lock)
        {
            if (!_waiting)
            {
                _set = true;
                return;
            }

            _waiting = false;
        }

        _core.SetResult(true);
    }

    public void GetResult(short token)
    {
        // Waits for a running callback, so that none of this wait can hit the next one.
        _cancellation.Dispose();
        _core.GetResult(token);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken token)
    {
        lock (_lock)
        {
            if (!_waiting)
            {
                return;
            }

            _waiting = false;
        }

        _core.SetException(new OperationCanceledException(token));
    }
}
