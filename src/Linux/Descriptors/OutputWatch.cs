using System.Runtime.InteropServices;

namespace OpenShell.Linux.Descriptors;

/// <summary>
/// Notices on a thread of its own that a descriptor has lost its last reader, also while nothing is written to it: how a
/// program between two others learns that the one it serves has died.
/// </summary>
public sealed class OutputWatch : IDisposable
{
    private static readonly TimeSpan ThreadEndWait = TimeSpan.FromMilliseconds(100);

    private readonly EventCounter _cancel = new();
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;

    public OutputWatch(SafeHandle output)
    {
        _thread = new Thread(() => Watch(output)) { IsBackground = true, Name = "output watch" };
        _thread.Start();
    }

    /// <summary>Completes when it has no reader any more; never otherwise.</summary>
    public Task Abandoned => _abandoned.Task;

    public void Dispose()
    {
        _cancel.Increment();
        if (_thread.Join(ThreadEndWait))
        {
            _cancel.Dispose();
        }
    }

    private void Watch(SafeHandle output)
    {
        try
        {
            if (Poll.WaitAbandoned(output, _cancel))
            {
                _abandoned.TrySetResult();
            }
        }
        catch (IOException)
        {
            // A descriptor that cannot be polled tells it with the next write.
        }
    }
}
