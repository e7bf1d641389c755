using System.Buffers;
using Google.Protobuf;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;

namespace OpenShell.Protocol.Exec;

/// <summary>
/// Exec frames over a relay; the same at both ends. One reader; writers may be several, each frame goes out whole.
/// The relay stays its owner's.
/// </summary>
public sealed class ExecChannel(RelayConnection relay) : IExecFrames, IDisposable
{
    private readonly ExecFrameDecoder _decoder = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private ReadOnlySequence<byte> _input;
    private bool _holding;

    /// <inheritdoc/>
    public async ValueTask<ExecFramePart> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_holding)
            {
                if (_decoder.TryRead(ref _input, out var part))
                {
                    return part;
                }

                _holding = false;
                relay.Advance();
            }

            var read = await relay.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (read.Kind == RelayReadKind.EndOfStream)
            {
                return _decoder.AtFrameBoundary
                    ? default
                    : throw new RelayProtocolException("The relay ended inside an exec frame.");
            }

            _input = read.Data;
            _holding = true;
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ExecFrameType type, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        do
        {
            var piece = ExecFrames.IsStream(type) ? payload[..Math.Min(payload.Length, PieceLength)] : payload;
            await WriteFrameAsync(type, piece, cancellationToken).ConfigureAwait(false);
            payload = payload[piece.Length..];
        }
        while (!payload.IsEmpty);
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(ExecFrameType type, IMessage message, CancellationToken cancellationToken) =>
        WriteFrameAsync(type, message.ToByteArray(), cancellationToken);

    /// <summary>Sends a start, in parts if it is large.</summary>
    /// <exception cref="ArgumentException">One argument or variable alone is larger than a frame.</exception>
    /// <exception cref="IOException">The relay broke or was closed by the peer.</exception>
    public async ValueTask WriteStartAsync(ExecStart start, CancellationToken cancellationToken)
    {
        var parts = ExecStartParts.Split(start);
        foreach (var part in parts.Take(parts.Count - 1))
        {
            await WriteAsync(ExecFrameType.StartPart, part, cancellationToken).ConfigureAwait(false);
        }

        await WriteAsync(ExecFrameType.Start, parts[^1], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _writing.Dispose();

    // A frame and its header fit one relay frame.
    private const int PieceLength = RelayWire.MaxFrameData - ExecFrames.HeaderLength;

    private async ValueTask WriteFrameAsync(ExecFrameType type, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await WriteHeaderAndPayload(type, payload, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private ValueTask WriteHeaderAndPayload(ExecFrameType type, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        Span<byte> header = stackalloc byte[ExecFrames.HeaderLength];
        ExecFrames.WriteHeader(header, type, payload.Length);
        return relay.WriteAsync(header, new ReadOnlySequence<byte>(payload), flush: true, cancellationToken);
    }
}
