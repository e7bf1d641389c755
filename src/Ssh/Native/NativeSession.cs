using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OpenShell.Ssh.Native;

/// <summary>A session of libssh with what must not be freed before it: its counters and the callbacks of its channels.</summary>
internal sealed unsafe class NativeSession : IDisposable
{
    private readonly LibSsh.Counter* _counters = (LibSsh.Counter*)NativeMemory.AllocZeroed(2, (nuint)sizeof(LibSsh.Counter));
    private readonly LibSshChannels.Callbacks* _callbacks = (LibSshChannels.Callbacks*)NativeMemory.AllocZeroed(1, (nuint)sizeof(LibSshChannels.Callbacks));
    private readonly GCHandle _events;
    private ulong _flushedDifference;

    public NativeSession(nint handle, IChannelEvents events)
    {
        Handle = handle;
        _events = GCHandle.Alloc(events);
        *_callbacks = new LibSshChannels.Callbacks
        {
            Size = (nuint)sizeof(LibSshChannels.Callbacks),
            UserData = GCHandle.ToIntPtr(_events),
            Data = &OnData,
            Eof = &OnEof,
            Close = &OnClose,
            Signal = &OnSignal,
            ExitStatus = &OnExitStatus,
            ExitSignal = &OnExitSignal,
        };
        LibSsh.SetCounters(handle, &_counters[0], &_counters[1]);
    }

    public nint Handle { get; }

    /// <summary>Bytes that were read from the socket so far.</summary>
    public ulong BytesRead => _counters[0].InBytes;

    public bool IsBroken => (LibSsh.GetStatus(Handle) & (LibSsh.Closed | LibSsh.ClosedError)) != 0;

    public bool HasPendingOutput => (LibSsh.GetStatus(Handle) & LibSsh.WritePending) != 0;

    /// <summary>
    /// About how many bytes libssh holds that the socket has not taken; it has no function for that. The two counters
    /// differ by what is held and by the headers of the packets, which is why they are compared anew whenever nothing is.
    /// </summary>
    public long PendingOutput
    {
        get
        {
            var difference = _counters[1].OutBytes - _counters[0].OutBytes;
            if (HasPendingOutput)
            {
                return Math.Max(0, (long)(difference - _flushedDifference));
            }

            _flushedDifference = difference;
            return 0;
        }
    }

    /// <summary>Has libssh tell about this channel.</summary>
    public void Listen(nint channel) => _ = LibSshChannels.SetCallbacks(channel, _callbacks);

    /// <summary>Frees the session and its channels, and closes its descriptor.</summary>
    public void Dispose()
    {
        LibSsh.Free(Handle);
        _events.Free();
        NativeMemory.Free(_callbacks);
        NativeMemory.Free(_counters);
    }

    private static IChannelEvents EventsOf(nint userData) => (IChannelEvents)GCHandle.FromIntPtr(userData).Target!;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnData(nint session, nint channel, byte* data, uint length, int isError, nint userData) =>
        EventsOf(userData).OnData(channel, new ReadOnlySpan<byte>(data, (int)length), isError != 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnEof(nint session, nint channel, nint userData) => EventsOf(userData).OnEof(channel);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnClose(nint session, nint channel, nint userData) => EventsOf(userData).OnClose(channel);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSignal(nint session, nint channel, byte* name, nint userData) =>
        EventsOf(userData).OnSignal(channel, LibSshMessages.Text(name) ?? "");

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnExitStatus(nint session, nint channel, int status, nint userData) => EventsOf(userData).OnExit(channel, status);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnExitSignal(nint session, nint channel, byte* name, int core, byte* message, byte* language, nint userData) =>
        EventsOf(userData).OnExitSignal(channel, LibSshMessages.Text(name) ?? "");
}
