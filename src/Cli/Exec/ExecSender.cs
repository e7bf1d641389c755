using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Exec;

/// <summary>
/// Everything that goes to a remote command: standard input as it comes, window sizes and signals. One write is
/// under way at a time, and the next piece of input is read when the last one was taken.
/// </summary>
internal sealed class ExecSender : IAsyncDisposable
{
    private const int ChunkBytes = ExecFrames.MaxPayload;

    // A burst of resizes: only the newest matter, so the oldest go.
    private const int MostPendingControls = 16;

    private readonly IClientStreamWriter<ExecSandboxInput> _requests;
    private readonly InputReader _input;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<ExecSandboxInput> _controls = Channel.CreateBounded<ExecSandboxInput>(
        new BoundedChannelOptions(MostPendingControls) { FullMode = BoundedChannelFullMode.DropOldest });

    private Task _inputLoop = Task.CompletedTask;
    private Task _controlLoop = Task.CompletedTask;
    private volatile bool _closed;

    public ExecSender(IClientStreamWriter<ExecSandboxInput> requests, InputReader input)
    {
        _requests = requests;
        _input = input;
    }

    /// <summary>Sends the start, and from then on window sizes and signals.</summary>
    public async Task StartAsync(ExecSandboxRequest start)
    {
        await _requests.WriteAsync(new ExecSandboxInput { Start = start });
        _controlLoop = EndQuietlyAsync(ControlLoopAsync());
    }

    /// <summary>Begins to read standard input and to send it. Once.</summary>
    /// <param name="passEnd">Whether the end of it ends the input of the command.</param>
    public void BeginInput(bool passEnd) => _inputLoop = EndQuietlyAsync(InputLoopAsync(passEnd));

    /// <summary>As the other, for input that is typed: its end is not passed on, and it may have detach keys in it.</summary>
    public void BeginInput(DetachKeys keys, Func<Task> detach) => _inputLoop = EndQuietlyAsync(TypedLoopAsync(keys, detach));

    /// <summary>The command gets no input: end of file from the beginning.</summary>
    public Task EndInputAsync() => EndQuietlyAsync(EndAsync());

    /// <summary>Queues a resize or a signal; false when the input has ended, after which nothing can be sent.</summary>
    public bool TrySend(ExecSandboxInput control) => !_closed && _controls.Writer.TryWrite(control);

    /// <summary>Ends both loops, also in the middle of a write that is blocked; that cancels the call.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _input.Dispose();
        await Task.WhenAll(_inputLoop, _controlLoop);
        _stop.Dispose();
        _turn.Dispose();
    }

    private async Task InputLoopAsync(bool passEnd)
    {
        var buffer = new byte[ChunkBytes];
        int count;
        while ((count = await _input.ReadAsync(buffer)) > 0)
        {
            await WriteAsync(buffer.AsMemory(0, count));
        }

        if (passEnd)
        {
            await EndAsync();
        }
    }

    private async Task EndAsync()
    {
        await _turn.WaitAsync(_stop.Token);
        try
        {
            _closed = true;
            await _requests.CompleteAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task TypedLoopAsync(DetachKeys keys, Func<Task> detach)
    {
        var buffer = new byte[ChunkBytes];
        var passed = new byte[DetachKeys.RoomFor(ChunkBytes)];
        int typed;
        while ((typed = await _input.ReadAsync(buffer)) > 0)
        {
            var over = keys.Filter(buffer.AsSpan(0, typed), passed, out var count);
            if (count > 0)
            {
                await WriteAsync(passed.AsMemory(0, count));
            }

            if (over)
            {
                await detach();
                return;
            }
        }
    }

    private async Task ControlLoopAsync()
    {
        await foreach (var control in _controls.Reader.ReadAllAsync(_stop.Token))
        {
            await WriteAsync(control);
        }
    }

    // The message is on the wire, or copied, when the write returns: the memory may be used again.
    private Task WriteAsync(ReadOnlyMemory<byte> data) => WriteAsync(new ExecSandboxInput { Stdin = UnsafeByteOperations.UnsafeWrap(data) });

    private async Task WriteAsync(ExecSandboxInput message)
    {
        await _turn.WaitAsync(_stop.Token);
        try
        {
            if (!_closed)
            {
                await _requests.WriteAsync(message, _stop.Token);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    // The responses tell how the command ended; a request that fails adds nothing to that.
    private static async Task EndQuietlyAsync(Task loop)
    {
        try
        {
            await loop;
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException or InvalidOperationException or IOException)
        {
        }
    }
}
