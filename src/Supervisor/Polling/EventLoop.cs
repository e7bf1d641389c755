using System.Collections.Concurrent;
using OpenShell.Supervisor.Native;

namespace OpenShell.Supervisor.Polling;

/// <summary>
/// One thread in epoll for all pipes and terminals, which the runtime's socket engine does not take. It only sets
/// signals; reading and writing happen on the thread pool. It lives as long as the supervisor.
/// </summary>
internal sealed class EventLoop
{
    private const int EventsPerWait = 64;
    private const uint Interest = LibcEpoll.In | LibcEpoll.Out | LibcEpoll.PeerHangUp | LibcEpoll.EdgeTriggered;
    private const uint WakesReader = LibcEpoll.In | LibcEpoll.PeerHangUp | LibcEpoll.HangUp | LibcEpoll.Error;
    private const uint WakesWriter = LibcEpoll.Out | LibcEpoll.HangUp | LibcEpoll.Error;

    private readonly FileDescriptor _epoll = LibcEpoll.Create();
    private readonly ConcurrentDictionary<ulong, PolledDescriptor> _polled = new();
    private ulong _lastKey;

    public EventLoop()
    {
        var thread = new Thread(Run, maxStackSize: 128 * 1024) { IsBackground = true, Name = "event-loop" };
        thread.Start();
    }

    /// <summary>Takes ownership of a non-blocking descriptor.</summary>
    /// <exception cref="IOException">The kernel refuses to poll it.</exception>
    public PolledDescriptor Register(FileDescriptor descriptor)
    {
        // A key, not the number: an event that was fetched before a descriptor was closed must not reach its successor.
        var key = Interlocked.Increment(ref _lastKey);
        var polled = new PolledDescriptor(this, key, descriptor);
        _polled[key] = polled;
        var error = LibcEpoll.TryAdd(_epoll, descriptor, Interest, key);
        if (error != 0)
        {
            _polled.TryRemove(key, out _);
            throw new IOException($"epoll: {Errno.Text(error)}");
        }

        return polled;
    }

    internal void Unregister(ulong key, FileDescriptor descriptor)
    {
        if (_polled.TryRemove(key, out _))
        {
            LibcEpoll.Delete(_epoll, descriptor);
        }
    }

    private void Run()
    {
        Span<LibcEpoll.Event> events = stackalloc LibcEpoll.Event[EventsPerWait];
        while (true)
        {
            var count = LibcEpoll.Wait(_epoll, events);
            foreach (ref readonly var ready in events[..count])
            {
                if (_polled.TryGetValue(ready.Data, out var polled))
                {
                    polled.OnReady((ready.Events & WakesReader) != 0, (ready.Events & WakesWriter) != 0);
                }
            }
        }
    }
}
