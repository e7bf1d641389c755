using System.Buffers.Binary;

namespace OpenShell.Protocol.Exec;

/// <summary>Sizes of exec frames.</summary>
public static class ExecFrames
{
    /// <summary>Type and length in front of every payload, in bytes.</summary>
    public const int HeaderLength = 5;

    /// <summary>Most bytes of payload in any frame but start and its parts.</summary>
    public const int MaxPayload = 64 * 1024;

    /// <summary>Most bytes of payload in a start frame or a part of one.</summary>
    public const int MaxStart = 2 * 1024 * 1024;

    /// <summary>
    /// Most bytes of payload in a start frame and its parts together: 1 024 arguments of 32 KiB, and an environment.
    /// More than Linux executes (6 MiB), so that the refusal can say so.
    /// </summary>
    public const int MaxStartTotal = 36 * 1024 * 1024;

    /// <summary>Whether payloads of this type are bytes of a stream, which may be handed on in pieces.</summary>
    public static bool IsStream(ExecFrameType type) =>
        type is ExecFrameType.Stdin or ExecFrameType.Stdout or ExecFrameType.Stderr;

    /// <summary>Most bytes of payload in a frame of this type.</summary>
    public static int MaxPayloadOf(ExecFrameType type) =>
        type is ExecFrameType.Start or ExecFrameType.StartPart ? MaxStart : MaxPayload;

    /// <summary>Writes a header of <see cref="HeaderLength"/> bytes.</summary>
    public static void WriteHeader(Span<byte> header, ExecFrameType type, int payloadLength)
    {
        header[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], payloadLength);
    }
}
