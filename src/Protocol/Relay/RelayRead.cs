using System.Buffers;

namespace OpenShell.Protocol.Relay;

/// <summary>What <see cref="RelayFrameReader.ReadAsync"/> found.</summary>
public enum RelayReadKind
{
    /// <summary>Bytes of the relay.</summary>
    Data,

    /// <summary>The claim of a channel; only valid as the first frame.</summary>
    Init,

    /// <summary>The peer sends nothing more but still reads.</summary>
    EndOfStream,

    /// <summary>The stream itself has ended.</summary>
    Completed,

    /// <summary>The stream was cut off before its end; what had come before was handed out.</summary>
    Reset,
}

/// <summary>One piece of a relay. <see cref="Data"/> is valid until <see cref="RelayFrameReader.Advance"/>.</summary>
/// <param name="Data">
/// For <see cref="RelayReadKind.Data"/> the bytes; a frame may come in several pieces. For <see cref="RelayReadKind.Init"/>
/// the whole message, because the init of a TcpForwardFrame has more than a channel.
/// </param>
/// <param name="ChannelId">The channel, for <see cref="RelayReadKind.Init"/>.</param>
/// <param name="MoreBuffered">The next read gives data without waiting: a flush of what is passed on may wait for it.</param>
public readonly record struct RelayRead(
    RelayReadKind Kind,
    ReadOnlySequence<byte> Data,
    string? ChannelId,
    bool MoreBuffered);
