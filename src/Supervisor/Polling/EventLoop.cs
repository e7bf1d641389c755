using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using OpenShell.Linux;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Supervisor.Polling;

/// <summary>
/// One thread in epoll for all pipes and terminals, which the runtime's socket engine does not take. It only sets
/// signals; reading and writing happen on the thread pool. It lives as long as the supervisor.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "It ends with the process.")]
internal sealed class EventLoop
{
    private const int EventsPerWait = 64;
    private const uint Interest = Epoll.In | Epoll.Out | Epoll.PeerHangUp | Epoll.EdgeTriggered;
    private const uint WakesReader = Epoll.In | Epoll.PeerHangUp | Epoll.HangUp | Epoll.Error;
    private const uint WakesWriter = Epoll.Out | Epoll.HangUp | Epoll.Error;

    private readonly Epoll _epoll = new();
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
        var error = _epoll.TryAdd(descriptor, Interest, key);
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
            _epoll.Remove(descriptor);
        }
    }

    private void Run()
    {
        Span<Epoll.ReadyEvent> events = stackalloc Epoll.ReadyEvent[EventsPerWait];
        while (true)
        {
            var count = _epoll.Wait(events);
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
