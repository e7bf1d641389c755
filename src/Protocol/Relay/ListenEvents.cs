using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Protocol.Relay;

/// <summary>The events of a relay to the target <c>listen</c> (listen.proto). The relay stays its owner's.</summary>
public sealed class ListenEvents(RelayConnection relay)
{
    private const int HeaderLength = 4;

    // An address has 45 characters at most.
    private const uint MaxLength = 1024;

    private ReadOnlyMemory<byte> _received;

    /// <summary>Sends one.</summary>
    /// <exception cref="IOException">The relay broke.</exception>
    public ValueTask WriteAsync(TcpListenEvent happened, CancellationToken cancellationToken)
    {
        var message = happened.ToByteArray();
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteInt32BigEndian(header, message.Length);
        return relay.WriteAsync(header, new ReadOnlySequence<byte>(message), flush: true, cancellationToken);
    }

    /// <summary>The next one; null: the port is not listened on any more. Nothing is lost if it is cancelled.</summary>
    /// <exception cref="IOException">The relay broke, or carries something else.</exception>
    public async ValueTask<TcpListenEvent?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake() is { } happened)
            {
                return happened;
            }

            var read = await relay.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (read.Kind != RelayReadKind.Data)
            {
                return _received.IsEmpty ? null : throw new RelayProtocolException("The relay ended inside an event.");
            }

            var received = new byte[_received.Length + read.Data.Length];
            _received.CopyTo(received);
            read.Data.CopyTo(received.AsSpan(_received.Length));
            _received = received;
            relay.Advance();
        }
    }

    private TcpListenEvent? TryTake()
    {
        if (_received.Length < HeaderLength)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(_received.Span);
        if (length > MaxLength)
        {
            throw new RelayProtocolException($"An event of a listener cannot have {length} bytes.");
        }

        var end = HeaderLength + (int)length;
        if (_received.Length < end)
        {
            return null;
        }

        var happened = TcpListenEvent.Parser.ParseFrom(_received.Span[HeaderLength..end]);
        _received = _received[end..];
        return happened;
    }
}
