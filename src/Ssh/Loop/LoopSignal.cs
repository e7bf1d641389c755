namespace OpenShell.Ssh.Loop;

/// <summary>
/// "Look again", for one waiter; set and awaited on the loop's thread only, where the waiter goes on inside
/// <see cref="Set"/>. Set without a waiter it is remembered.
/// </summary>
internal sealed class LoopSignal
{
    private TaskCompletionSource? _waiter;
    private bool _set;

    public bool HasWaiter => _waiter is not null;

    public Task WaitAsync()
    {
        if (_set)
        {
            _set = false;
            return Task.CompletedTask;
        }

        _waiter = new TaskCompletionSource();
        return _waiter.Task;
    }

    public void Set()
    {
        if (_waiter is { } waiter)
        {
            _waiter = null;
            waiter.SetResult();
        }
        else
        {
            _set = true;
        }
    }
}
