using OpenShell.Linux;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Supervisor.Helper;

/// <summary>
/// One thread in epoll that also does the work: a helper has few descriptors and little to do for each, and without a
/// thread pool it is small and has no idle wake-ups. Not for use by several threads.
/// </summary>
internal sealed class HelperLoop : IDisposable
{
    private const int EventsPerWait = 64;

    private readonly Epoll _epoll = new();
    private readonly Dictionary<ulong, HelperSocket> _polled = [];
    private ulong _lastKey;
    private bool _stopped;

    /// <summary>What is read for one descriptor is passed on before the next is looked at, so one buffer does for all.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(64 * 1024);

    /// <summary>Takes ownership of a descriptor; what is to happen with it is said by <see cref="HelperSocket.Watch"/>.</summary>
    public HelperSocket Add(FileDescriptor descriptor, Action<uint> onReady)
    {
        // A key, not the number: an event that was fetched before a descriptor was closed must not reach its successor.
        var socket = new HelperSocket(this, ++_lastKey, descriptor, onReady);
        _polled.Add(socket.Key, socket);
        return socket;
    }

    /// <summary>Runs until <see cref="Stop"/>.</summary>
    public void Run()
    {
        Span<Epoll.ReadyEvent> events = stackalloc Epoll.ReadyEvent[EventsPerWait];
        while (!_stopped)
        {
            var count = _epoll.Wait(events);
            foreach (ref readonly var ready in events[..count])
            {
                if (_polled.TryGetValue(ready.Data, out var socket))
                {
                    socket.OnReady(ready.Events);
                }
            }
        }
    }

    /// <summary>Ends the loop after the events at hand.</summary>
    public void Stop() => _stopped = true;

    public void Dispose()
    {
        foreach (var socket in _polled.Values.ToArray())
        {
            socket.Dispose();
        }

        _epoll.Dispose();
    }

    /// <summary>For <see cref="HelperSocket"/> only.</summary>
    internal void Change(HelperSocket socket, uint before, uint after)
    {
        // Without any interest it leaves the set: epoll reports a hang-up whether asked to or not, again and again.
        var error = (before, after) switch
        {
            (0, _) => _epoll.TryAdd(socket.Descriptor, after, socket.Key),
            (_, 0) => Remove(socket),
            _ => _epoll.TryModify(socket.Descriptor, after, socket.Key),
        };
        if (error != 0)
        {
            throw new IOException($"epoll: {Errno.Text(error)}");
        }
    }

    /// <summary>For <see cref="HelperSocket"/> only.</summary>
    internal void Forget(ulong key) => _polled.Remove(key);

    private int Remove(HelperSocket socket)
    {
        _epoll.Remove(socket.Descriptor);
        return 0;
    }
}
