namespace Grpc.Core;

/// <summary>Hints for writing one message.</summary>
[Flags]
public enum WriteFlags
{
    /// <summary>The message need not be flushed at once: another follows soon.</summary>
    BufferHint = 1,

    /// <summary>The message is sent uncompressed even when the call compresses.</summary>
    NoCompress = 2,
}
