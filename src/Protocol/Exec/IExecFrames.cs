using System.Buffers;
using Google.Protobuf;

namespace OpenShell.Protocol.Exec;

/// <summary>
/// The frames of exec.proto between a process and its caller, whatever carries them: a relay, or a channel of SSH. One
/// reader; writers may be several, each frame goes out whole.
/// </summary>
public interface IExecFrames
{
    /// <summary>
    /// The next frame or piece; type None once the peer has ended its direction between two frames.
    /// Its data is valid until the next call.
    /// </summary>
    /// <exception cref="IOException">The connection broke, ended inside a frame, or carried something else.</exception>
    ValueTask<ExecFramePart> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Sends a frame of bytes, in several frames if it is large.</summary>
    /// <exception cref="IOException">The connection broke or was closed by the peer.</exception>
    ValueTask WriteAsync(ExecFrameType type, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>Sends a frame whose payload is a message.</summary>
    /// <exception cref="IOException">The connection broke or was closed by the peer.</exception>
    ValueTask WriteAsync(ExecFrameType type, IMessage message, CancellationToken cancellationToken);
}

/// <summary>One exec frame, or, of a stream type, a piece of one.</summary>
/// <param name="Type">The frame's type; <see cref="ExecFrameType.None"/> when the peer has ended its direction.</param>
/// <param name="Data">The payload; valid until the channel is read again.</param>
public readonly record struct ExecFramePart(ExecFrameType Type, ReadOnlySequence<byte> Data);
