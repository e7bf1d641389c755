using OpenShell.TestKit;

namespace OpenShell.Gateway.Races;

/// <summary>A place where one side of a race is held until the test has done the other side.</summary>
internal sealed class SyncPoint
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Put where the side is to be held. Everybody who comes after the release passes.</summary>
    public Task HoldAsync()
    {
        _reached.TrySetResult();
        return _released.Task;
    }

    /// <summary>Waits until the side is held.</summary>
    public Task ReachedAsync(string what) => Eventually.EndsAsync(_reached.Task, what);

    public void Release() => _released.TrySetResult();
}
