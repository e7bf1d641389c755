using Google.Protobuf;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Exec;

/// <summary>
/// One process in a sandbox, seen from the gateway. Disposing before the exit frame kills the process group of a process
/// that was started here, and leaves the main process alone.
/// </summary>
internal sealed class ExecSession(RelayConnection relay) : IAsyncDisposable
{
    private readonly ExecChannel _channel = new(relay);
    private bool _started;
    private bool _exited;

    /// <summary>Sends what to start, or that this is a client of the main process; first and once.</summary>
    public async ValueTask OpenAsync(ExecRequest request, CancellationToken cancellationToken)
    {
        if (request.Attach is { } attach)
        {
            await _channel.WriteAsync(ExecFrameType.Attach, attach, cancellationToken);
            return;
        }

        await _channel.WriteStartAsync(request.Start!, cancellationToken);
        ExecMetrics.Started();
        _started = true;
    }

    /// <summary>The next frame, or piece of output; Exit is the last one.</summary>
    /// <exception cref="IOException">The relay ended before the process did.</exception>
    public async ValueTask<ExecFramePart> ReadAsync(CancellationToken cancellationToken)
    {
        var part = await _channel.ReadAsync(cancellationToken);
        _exited |= part.Type == ExecFrameType.Exit;
        return part.Type == ExecFrameType.None && !_exited
            ? throw new IOException("exec relay closed before the command reported an exit status")
            : part;
    }

    /// <summary>Sends input; completes when it is on its way, which is the back-pressure.</summary>
    public ValueTask WriteStdinAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        data.IsEmpty ? ValueTask.CompletedTask : _channel.WriteAsync(ExecFrameType.Stdin, data, cancellationToken);

    /// <summary>Passes a frame of the caller on.</summary>
    public async ValueTask ForwardAsync(ExecFramePart part, CancellationToken cancellationToken)
    {
        if (part.Data.IsEmpty)
        {
            await _channel.WriteAsync(part.Type, ReadOnlyMemory<byte>.Empty, cancellationToken);
        }

        // Input comes in pieces of any size; the others are small, and in one.
        foreach (var segment in part.Data)
        {
            await _channel.WriteAsync(part.Type, segment, cancellationToken);
        }
    }

    public ValueTask EndStdinAsync(CancellationToken cancellationToken) =>
        _channel.WriteAsync(ExecFrameType.StdinEnd, ReadOnlyMemory<byte>.Empty, cancellationToken);

    public ValueTask ResizeAsync(uint cols, uint rows, CancellationToken cancellationToken) =>
        SendAsync(ExecFrameType.Resize, new ExecResize { Cols = cols, Rows = rows }, cancellationToken);

    public ValueTask SignalAsync(int number, CancellationToken cancellationToken) =>
        SendAsync(ExecFrameType.Signal, new ExecSignal { Number = number }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_started)
        {
            ExecMetrics.Ended(_exited);
        }

        if (_exited)
        {
            await CompleteAsync();
        }
        else
        {
            relay.Abort();
        }

        await relay.DisposeAsync();
        _channel.Dispose();
    }

    private async Task CompleteAsync()
    {
        using var timeout = new CancellationTokenSource(RelayConnection.CloseTimeout);
        try
        {
            await relay.CompleteWritesAsync(timeout.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The supervisor was quicker; the exit is known, nothing is lost.
        }
    }

    private ValueTask SendAsync(ExecFrameType type, IMessage message, CancellationToken cancellationToken) =>
        _channel.WriteAsync(type, message, cancellationToken);
}
