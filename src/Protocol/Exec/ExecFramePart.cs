using System.Buffers;

namespace OpenShell.Protocol.Exec;

/// <summary>One exec frame, or, of a stream type, a piece of one.</summary>
/// <param name="Type">The frame's type; <see cref="ExecFrameType.None"/> when the peer has ended its direction.</param>
/// <param name="Data">The payload; valid until the channel is read again.</param>
public readonly record struct ExecFramePart(ExecFrameType Type, ReadOnlySequence<byte> Data);
