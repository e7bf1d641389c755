using System.Buffers;
using System.Buffers.Binary;

namespace OpenShell.Gateway.Connections;

/// <summary>Frames of the kinds that cost us something and their sender next to nothing.</summary>
internal record struct FrameCounts
{
    /// <summary>RST_STREAM: each is a call that was begun in vain.</summary>
    public int Resets { get; set; }

    /// <summary>PING, each of which is answered.</summary>
    public int Pings { get; set; }

    /// <summary>
    /// What a client has few reasons to send: SETTINGS, CONTINUATION, PRIORITY, GOAWAY, DATA without data that ends no
    /// stream, and frames of unknown types.
    /// </summary>
    public int Needless { get; set; }

    /// <summary>Whether there was any.</summary>
    public readonly bool Any => (Resets | Pings | Needless) != 0;
}

/// <summary>
/// Finds the frames in what a client sends (RFC 9113, sections 3.4 and 4.1): (1) the preface, (2) nine bytes of header,
/// (3) a payload, which is stepped over. Whether they make sense is the server's to say. Not thread-safe.
/// </summary>
/// <param name="resets">Is told of resets that are whole, and of requests that end.</param>
internal sealed class Http2FrameScanner(ResetRewriter? resets = null)
{
    private const int PrefaceBytes = 24;
    private const int HeaderBytes = 9;
    private const byte EndStreamOrAck = 0x1;

    private readonly byte[] _header = new byte[HeaderBytes];
    private int _headerBytes;
    private long _position;

    // The stream of the frame that is stepped over, if it is a reset.
    private int? _reset;

    // 1
    private int _skip = PrefaceBytes;

    /// <summary>Bytes that the last scan ended with, of a header or a reset that is not whole.</summary>
    public int Unfinished => _reset is null ? _headerBytes : HeaderBytes + ResetRewriter.PayloadBytes - _skip;

    /// <summary>Bytes of all scans.</summary>
    public long Position => _position;

    /// <summary>Counts the frames whose headers end in the bytes that come next.</summary>
    public FrameCounts Scan(in ReadOnlySequence<byte> bytes)
    {
        var counts = default(FrameCounts);
        if (bytes.IsSingleSegment)
        {
            Scan(bytes.FirstSpan, ref counts);
            return counts;
        }

        foreach (var segment in bytes)
        {
            Scan(segment.Span, ref counts);
        }

        return counts;
    }

    private void Scan(ReadOnlySpan<byte> bytes, ref FrameCounts counts)
    {
        while (!bytes.IsEmpty)
        {
            // 3
            if (_skip > 0)
            {
                var skipped = Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                _position += skipped;
                bytes = bytes[skipped..];
                if (_skip == 0 && _reset is { } stream)
                {
                    _reset = null;
                    resets?.Found(stream, _position);
                }
            }
            else if (_headerBytes == 0 && bytes.Length >= HeaderBytes)
            {
                // 2
                _position += HeaderBytes;
                Count(bytes, ref counts);
                bytes = bytes[HeaderBytes..];
            }
            else
            {
                // 2, in pieces
                var part = Math.Min(HeaderBytes - _headerBytes, bytes.Length);
                bytes[..part].CopyTo(_header.AsSpan(_headerBytes));
                _headerBytes += part;
                _position += part;
                bytes = bytes[part..];
                if (_headerBytes == HeaderBytes)
                {
                    _headerBytes = 0;
                    Count(_header, ref counts);
                }
            }
        }
    }

    private void Count(ReadOnlySpan<byte> header, ref FrameCounts counts)
    {
        var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(header) >> 8);
        _skip = length;
        var isEnd = (header[4] & EndStreamOrAck) != 0;
        switch ((Http2FrameType)header[3])
        {
            case Http2FrameType.Data or Http2FrameType.Headers when isEnd:
                resets?.NoteEnd(Stream(header));
                break;
            case Http2FrameType.Data when length > 0:
            case Http2FrameType.Headers:
            case Http2FrameType.WindowUpdate:
                break;
            case Http2FrameType.ResetStream:
                counts.Resets++;
                _reset = resets is not null && length == ResetRewriter.PayloadBytes ? Stream(header) : null;
                break;
            case Http2FrameType.Ping:
                counts.Pings++;
                break;
            default:
                counts.Needless++;
                break;
        }
    }

    private static int Stream(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32BigEndian(header[5..]) & int.MaxValue;

    private enum Http2FrameType : byte
    {
        Data = 0,
        Headers = 1,
        ResetStream = 3,
        Ping = 6,
        WindowUpdate = 8,
    }
}
