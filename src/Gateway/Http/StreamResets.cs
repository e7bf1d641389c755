using System.Collections.Concurrent;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace OpenShell.Gateway.Http;

/// <summary>
/// Streams of one HTTP/2 connection whose reset is their reader's to hear; a feature of the connection. The server would
/// throw away what came before the reset and has not been read yet. Thread-safe.
/// </summary>
internal sealed class StreamResets
{
    // Between the end of a request and the wish to hear of its reset lie milliseconds.
    private const int Remembered = 128;

    private readonly ConcurrentDictionary<int, Watch> _watches = [];
    private readonly Lock _lock = new();
    private readonly int[] _ended = new int[Remembered];
    private int _next;

    /// <summary>
    /// From now on a reset of the stream of this call is not the server's to see: its request ends instead, after all that
    /// came before. What came already is the server's.
    /// </summary>
    /// <param name="wasReset">Called before that end can be read; true: the request had ended before.</param>
    /// <returns>Dispose it before the call ends; null where resets cannot be seen.</returns>
    public static IDisposable? Hear(HttpContext context, Action<bool> wasReset) =>
        context.Features.Get<StreamResets>() is { } resets && context.Features.Get<IHttp2StreamIdFeature>() is { } stream
            ? resets.Hear(stream.StreamId, wasReset)
            : null;

    /// <summary>As the other, by the stream's number.</summary>
    public IDisposable Hear(int stream, Action<bool> wasReset)
    {
        lock (_lock)
        {
            return _watches[stream] = new Watch(this, stream, wasReset) { HasEnded = _ended.Contains(stream) };
        }
    }

    /// <summary>The request of a stream has ended.</summary>
    public void NoteEnd(int stream)
    {
        lock (_lock)
        {
            _ended[_next] = stream;
            _next = (_next + 1) % Remembered;
            if (_watches.TryGetValue(stream, out var watch))
            {
                watch.HasEnded = true;
            }
        }
    }

    /// <summary>The stream is reset.</summary>
    /// <returns>Null: nobody has asked, it is the server's. Otherwise whether its request had ended.</returns>
    public bool? NoteReset(int stream)
    {
        if (!_watches.TryRemove(stream, out var watch))
        {
            return null;
        }

        watch.WasReset(watch.HasEnded);
        return watch.HasEnded;
    }

    private sealed class Watch(StreamResets resets, int stream, Action<bool> wasReset) : IDisposable
    {
        public Action<bool> WasReset => wasReset;

        public bool HasEnded { get; set; }

        public void Dispose() => resets._watches.TryRemove(KeyValuePair.Create(stream, this));
    }
}
