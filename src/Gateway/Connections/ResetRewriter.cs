using System.Buffers;
using System.Runtime.InteropServices;
using OpenShell.Gateway.Http;

namespace OpenShell.Gateway.Connections;

/// <summary>
/// Puts resets that somebody else than the server hears (<see cref="StreamResets"/>) in words by which the server throws
/// nothing away, in place and of the same length: trailers, which end the request; or, where that has ended
/// before, a frame of a type without a meaning, which is ignored. Not thread-safe.
/// </summary>
internal sealed class ResetRewriter(StreamResets streams)
{
    /// <summary>Bytes of an RST_STREAM after its header: a code.</summary>
    public const int PayloadBytes = 4;

    private const int TypeOffset = 3;
    private const int FrameBytes = 9 + PayloadBytes;
    private const byte NoMeaning = 0xf0;
    private const byte Headers = 0x1;
    private const byte EndStreamEndHeadersPadded = 0x1 | 0x4 | 0x8;

    // Two bytes of padding, of which there is a length, and a field by its number in HPACK's static table: "accept", empty.
    // Without any field the server takes the padding for too long.
    private static readonly byte[] AcceptNothing = [2, 0x80 | 19, 0, 0];

    private readonly Queue<(int Stream, long End)> _found = [];

    /// <summary>A stream's request ends.</summary>
    public void NoteEnd(int stream) => streams.NoteEnd(stream);

    /// <summary>A whole frame was found.</summary>
    /// <param name="end">Where it ends among all bytes.</param>
    public void Found(int stream, long end) => _found.Enqueue((stream, end));

    /// <summary>Rewrites what was found.</summary>
    /// <param name="position">Where the buffer ends among all bytes.</param>
    public void Rewrite(in ReadOnlySequence<byte> buffer, long position)
    {
        while (_found.TryDequeue(out var found))
        {
            if (streams.NoteReset(found.Stream) is { } hasEnded)
            {
                var frame = buffer.Slice(buffer.Length - (position - found.End) - FrameBytes, FrameBytes);
                Put(frame, TypeOffset, hasEnded ? [NoMeaning] : [Headers, EndStreamEndHeadersPadded]);
                if (!hasEnded)
                {
                    Put(frame, FrameBytes - PayloadBytes, AcceptNothing);
                }
            }
        }
    }

    // The memory is the transport's, and nobody else has seen these bytes yet.
    private static void Put(in ReadOnlySequence<byte> frame, int at, ReadOnlySpan<byte> bytes)
    {
        foreach (var segment in frame.Slice(at, bytes.Length))
        {
            bytes[..segment.Length].CopyTo(MemoryMarshal.AsMemory(segment).Span);
            bytes = bytes[segment.Length..];
        }
    }
}
