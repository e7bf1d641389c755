using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;
using OpenShell.Protocol.V1;

namespace OpenShell.Protocol.Relay;

/// <summary>
/// Writes relay frames straight into an HTTP/2 body: one copy, from the caller's buffer to the transport's.
/// One writer at a time; not thread-safe.
/// </summary>
public sealed class RelayFrameWriter(PipeWriter output)
{
    private const int MaxHeader = RelayWire.GrpcPrefixLength + 1 + 5;

    /// <summary>Bytes of data that were appended so far.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Appends data, in frames of at most <see cref="RelayWire.MaxFrameData"/>; nothing is sent before a flush.</summary>
    public void Write(ReadOnlySpan<byte> prefix, ReadOnlySequence<byte> data)
    {
        var first = data.Slice(0, Math.Min(data.Length, RelayWire.MaxFrameData - prefix.Length));
        if (prefix.Length + first.Length > 0)
        {
            WriteHeader(prefix.Length + (int)first.Length);
            output.Write(prefix);
            Append(first);
        }

        for (data = data.Slice(first.End); !data.IsEmpty;)
        {
            var piece = data.Slice(0, Math.Min(data.Length, RelayWire.MaxFrameData));
            WriteHeader((int)piece.Length);
            Append(piece);
            data = data.Slice(piece.End);
        }
    }

    /// <summary>Appends the claim of a channel.</summary>
    public void WriteInit(string channelId) => WriteMessage(new RelayFrame { Init = new RelayInit { ChannelId = channelId } });

    /// <summary>Appends what a forwarded stream is to lead to.</summary>
    public void WriteInit(TcpForwardInit init) => WriteMessage(new TcpForwardFrame { Init = init });

    /// <summary>Appends the end-of-stream frame.</summary>
    public void WriteEndOfStream() => output.Write(RelayWire.EndOfStreamMessage);

    /// <summary>Sends what was appended; completes when the transport has taken it, which is the back-pressure.</summary>
    /// <exception cref="IOException">The peer does not read any more.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var result = await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new IOException("The relay was closed by the peer.");
        }
    }

    private void WriteMessage(IMessage frame)
    {
        var length = frame.CalculateSize();
        WritePrefix(output.GetSpan(RelayWire.GrpcPrefixLength), length);
        output.Advance(RelayWire.GrpcPrefixLength);
        frame.WriteTo(output);
    }

    private void WriteHeader(int dataLength)
    {
        DataBytes += dataLength;
        var span = output.GetSpan(MaxHeader);
        var at = RelayWire.GrpcPrefixLength;
        span[at++] = RelayWire.DataTag;
        for (var rest = (uint)dataLength; ; rest >>= 7)
        {
            span[at++] = rest < 0x80 ? (byte)rest : (byte)(rest | 0x80);
            if (rest < 0x80)
            {
                break;
            }
        }

        WritePrefix(span, at - RelayWire.GrpcPrefixLength + dataLength);
        output.Advance(at);
    }

    private static void WritePrefix(Span<byte> span, int messageLength)
    {
        span[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)messageLength);
    }

    private void Append(ReadOnlySequence<byte> data)
    {
        foreach (var segment in data)
        {
            output.Write(segment.Span);
        }
    }
}
