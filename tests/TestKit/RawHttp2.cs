using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OpenShell.TestKit;

/// <summary>
/// A connection that sends HTTP/2 frames as it is told, in any order and number, and listens to what becomes of it. The
/// windows that it announces are as large as they can be, and those of the other side are none of its business.
/// </summary>
public sealed class RawHttp2 : IAsyncDisposable
{
    /// <summary>Error code that tells a client to send less (RFC 9113, section 7).</summary>
    public const uint EnhanceYourCalm = 0xb;

    /// <summary>Error code for a frame of a stream that is over.</summary>
    public const uint StreamClosed = 0x5;

    private const byte EndStream = 0x1;
    private const byte Ack = 0x1;
    private const byte EndHeaders = 0x4;

    private readonly Socket _socket;
    private readonly TaskCompletionSource<uint?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly HashSet<int> _endedStreams = [];
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Task _reading;
    private readonly TaskCompletionSource _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _acknowledging = Task.CompletedTask;

    private RawHttp2(Socket socket)
    {
        _socket = socket;
        _reading = ReadAsync();
    }

    /// <summary>Completes when the connection is over: with the code of the GOAWAY, or null if there was none.</summary>
    public Task<uint?> Ended => _ended.Task;

    /// <summary>Connects; the greetings of both sides have been exchanged.</summary>
    public static async Task<RawHttp2> ConnectAsync(EndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(endpoint);
        var raw = new RawHttp2(socket);
        await raw.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await raw.FrameAsync(RawFrame.Settings, 0, 0, []);
        // So that the acknowledgement does not come between frames that must follow each other.
        await raw._greeted.Task;
        await raw._acknowledging;
        return raw;
    }

    /// <summary>Whether a stream was ended by the other side.</summary>
    public bool HasEnded(int stream)
    {
        lock (_lock)
        {
            return _endedStreams.Contains(stream);
        }
    }

    /// <summary>Begins a call.</summary>
    /// <param name="stream">Odd, and higher than those before.</param>
    /// <param name="path">The method.</param>
    /// <param name="token">A bearer token; null is none.</param>
    /// <param name="isWhole">Whether the headers end with this frame.</param>
    /// <param name="userAgent">None if null.</param>
    public Task CallAsync(int stream, string path, string? token = null, bool isWhole = true, string? userAgent = null) =>
        FrameAsync(RawFrame.Headers, isWhole ? EndHeaders : (byte)0, stream, Headers(path, token, userAgent));

    /// <summary>Frames of a call that is begun and reset, as bytes.</summary>
    public static byte[] CalledAndReset(int stream, string path, string? token = null) =>
    [
        .. Encode(RawFrame.Headers, EndHeaders, stream, Headers(path, token)),
        .. Encode(RawFrame.ResetStream, 0, stream, [0, 0, 0, 8]),
    ];

    /// <summary>The frame that begins a call, as bytes.</summary>
    public static byte[] EncodeCall(int stream, string path, string? token = null) =>
        Encode(RawFrame.Headers, EndHeaders, stream, Headers(path, token));

    /// <summary>Sends data of a call.</summary>
    public Task DataAsync(int stream, byte[] data, bool ends = false) => FrameAsync(RawFrame.Data, ends ? EndStream : (byte)0, stream, data);

    /// <summary>Sends any frame.</summary>
    public Task FrameAsync(RawFrame type, byte flags, int stream, byte[] payload) => SendAsync(Encode(type, flags, stream, payload));

    /// <summary>Sends any bytes.</summary>
    /// <exception cref="SocketException">The connection is over.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _sending.WaitAsync();
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes)..];
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends until the connection is over.</summary>
    public async Task FloodAsync(Func<int, byte[]> next, int count = int.MaxValue)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                await SendAsync(next(i));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
        await _acknowledging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sending.Dispose();
    }

    /// <summary>A frame as bytes.</summary>
    public static byte[] Encode(RawFrame type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)payload.Length << 8);
        frame[3] = (byte)type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    // Literals that are not indexed, with names in full: the same bytes however many came before.
    private static byte[] Headers(string path, string? token, string? userAgent = null)
    {
        List<byte> block = [];
        Add(":method", "POST");
        Add(":scheme", "http");
        Add(":path", path);
        Add(":authority", "localhost");
        Add("content-type", "application/grpc");
        Add("te", "trailers");
        if (token is not null)
        {
            Add("authorization", $"Bearer {token}");
        }

        if (userAgent is not null)
        {
            Add("user-agent", userAgent);
        }

        return [.. block];

        void Add(string name, string value)
        {
            block.Add(0);
            AddText(name);
            AddText(value);
        }

        void AddText(string text)
        {
            // A length of seven bits, and the rest of it in further bytes of seven (RFC 7541, section 5.1).
            const int Most = 0x7f;
            var bytes = Encoding.ASCII.GetBytes(text);
            if (bytes.Length < Most)
            {
                block.Add((byte)bytes.Length);
            }
            else
            {
                block.Add(Most);
                var rest = bytes.Length - Most;
                for (; rest > Most; rest >>= 7)
                {
                    block.Add((byte)(0x80 | (rest & Most)));
                }

                block.Add((byte)rest);
            }

            block.AddRange(bytes);
        }
    }

    private async Task ReadAsync()
    {
        uint? code = null;
        var header = new byte[9];
        await using var stream = new NetworkStream(_socket);
        try
        {
            while (true)
            {
                await stream.ReadExactlyAsync(header);
                var payload = new byte[BinaryPrimitives.ReadUInt32BigEndian(header) >> 8];
                await stream.ReadExactlyAsync(payload);
                switch ((RawFrame)header[3])
                {
                    case RawFrame.GoAway:
                        code ??= BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4));
                        break;
                    case RawFrame.Settings when (header[4] & Ack) == 0:
                        // Not waited for: the other side may have stopped reading, and what it says now matters most.
                        _acknowledging = FrameAsync(RawFrame.Settings, Ack, 0, []);
                        _greeted.TrySetResult();
                        break;
                    case RawFrame.ResetStream:
                    case RawFrame.Headers or RawFrame.Data when (header[4] & EndStream) != 0:
                        lock (_lock)
                        {
                            _endedStreams.Add(BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)));
                        }

                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            _greeted.TrySetResult();
            _ended.TrySetResult(code);
        }
    }
}

/// <summary>Types of HTTP/2 frames (RFC 9113, section 6).</summary>
public enum RawFrame : byte
{
    /// <summary>Bytes of a body.</summary>
    Data = 0,

    /// <summary>Begins a stream.</summary>
    Headers = 1,

    /// <summary>Without a meaning today.</summary>
    Priority = 2,

    /// <summary>RST_STREAM.</summary>
    ResetStream = 3,

    /// <summary>Parameters of the connection.</summary>
    Settings = 4,

    /// <summary>Is answered.</summary>
    Ping = 6,

    /// <summary>The connection ends.</summary>
    GoAway = 7,

    /// <summary>Opens a window.</summary>
    WindowUpdate = 8,

    /// <summary>More of the headers.</summary>
    Continuation = 9,
}
