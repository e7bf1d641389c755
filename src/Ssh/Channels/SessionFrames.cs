using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Threading.Channels;
using Google.Protobuf;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Ssh.Channels;

/// <summary>A session channel as the caller of a process: the frames of exec.proto without their encoding.</summary>
internal sealed class SessionFrames(SessionChannel channel, PipeReader input, PipeWriter output, PipeWriter error) : IExecFrames
{
    // Of a client that sends more than a process takes the oldest are forgotten: the last size is the one that counts.
    private const int MostControls = 64;

    private readonly ConcurrentQueue<ExecFramePart> _controls = new();
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private ReadOnlySequence<byte> _held;
    private bool _holding;
    private bool _inputEnded;
    private volatile bool _closed;

    /// <inheritdoc/>
    public async ValueTask<ExecFramePart> ReadAsync(CancellationToken cancellationToken)
    {
        Release();
        while (true)
        {
            if (_controls.TryDequeue(out var control))
            {
                return control;
            }

            if (_closed)
            {
                return default;
            }

            if (_inputEnded)
            {
                await _changed.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            else if (await ReadInputAsync(cancellationToken).ConfigureAwait(false) is { } part)
            {
                return part;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ExecFrameType type, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var writer = type == ExecFrameType.Stderr ? error : output;
        if ((await writer.WriteAsync(payload, cancellationToken).ConfigureAwait(false)).IsCompleted)
        {
            throw new IOException("The client has gone.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ExecFrameType type, IMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case ExecStarted:
                channel.PostStarted();
                break;
            case ExecExit exit:
                await output.CompleteAsync().ConfigureAwait(false);
                await error.CompleteAsync().ConfigureAwait(false);
                channel.PostExit(exit);
                break;
            default:
                throw new ArgumentException($"A frame of type {type} does not come from a process.", nameof(type));
        }
    }

    /// <summary>A size or a signal, from the loop's thread; it overtakes input that the process has not taken.</summary>
    public void Add(ExecFrameType type, IMessage message)
    {
        if (_controls.Count >= MostControls)
        {
            _controls.TryDequeue(out _);
        }

        _controls.Enqueue(new ExecFramePart(type, new ReadOnlySequence<byte>(message.ToByteArray())));
        Wake();
    }

    /// <summary>The client has gone: reading ends with a frame of type None.</summary>
    public void Close()
    {
        _closed = true;
        Wake();
    }

    private void Wake()
    {
        input.CancelPendingRead();
        _changed.Writer.TryWrite(true);
    }

    private async ValueTask<ExecFramePart?> ReadInputAsync(CancellationToken cancellationToken)
    {
        var read = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (!read.Buffer.IsEmpty)
        {
            _held = read.Buffer;
            _holding = true;
            return new ExecFramePart(ExecFrameType.Stdin, _held);
        }

        input.AdvanceTo(read.Buffer.End);
        _inputEnded = read.IsCompleted;
        return _inputEnded ? new ExecFramePart(ExecFrameType.StdinEnd, default) : null;
    }

    private void Release()
    {
        if (_holding)
        {
            _holding = false;
            input.AdvanceTo(_held.End);
        }
    }
}
