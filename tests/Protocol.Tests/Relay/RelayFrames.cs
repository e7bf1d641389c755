using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using OpenShell.Protocol.V1;

namespace OpenShell.Protocol.Relay;

/// <summary>Frames as the generated code writes and reads them, and what came out of a reader as text.</summary>
internal static class RelayFrames
{
    public static byte[] Init(string channelId) => Message(new RelayFrame { Init = new RelayInit { ChannelId = channelId } });

    public static byte[] Data(params byte[] data) => Message(new RelayFrame { Data = ByteString.CopyFrom(data) });

    public static byte[] EndOfStream() => Message(new RelayFrame { EndOfStream = new RelayEndOfStream() });

    public static byte[] Message(IMessage message) => Raw(message.ToByteArray());

    /// <summary>A gRPC message of any bytes.</summary>
    public static byte[] Raw(byte[] message, byte compressed = 0)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = compressed;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>Splits a body into messages and parses each.</summary>
    public static List<T> Parse<T>(byte[] body, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var messages = new List<T>();
        for (var at = 0; at < body.Length;)
        {
            Assert.That(body[at], Is.Zero, "compressed flag");
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at + 1));
            messages.Add(parser.ParseFrom(body, at + 5, length));
            at += 5 + length;
        }

        return messages;
    }

    /// <summary>Reads to the end; data that was handed out in pieces is put together, since how it is cut is not promised.</summary>
    public static async Task<string> ReadAllAsync(RelayFrameReader reader)
    {
        var text = new StringBuilder();
        var inData = false;
        while (true)
        {
            var read = await reader.ReadAsync(CancellationToken.None);
            if (read.Kind == RelayReadKind.Data)
            {
                text.Append(inData ? "" : " data:");
                foreach (var segment in read.Data)
                {
                    text.Append(Convert.ToHexString(segment.Span));
                }
            }
            else
            {
                text.Append(' ').Append(read.Kind).Append(read.ChannelId is { } channel ? $":{channel}" : "");
            }

            inData = read.Kind == RelayReadKind.Data;
            reader.Advance();
            if (read.Kind == RelayReadKind.Completed)
            {
                return text.ToString().Trim();
            }
        }
    }
}
