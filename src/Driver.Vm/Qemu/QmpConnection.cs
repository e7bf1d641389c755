using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>
/// A connection to QEMU's monitor. One reader loop answers commands and notes events; <see cref="Ended"/> completes
/// when QEMU closes the connection, which it does exactly when it ends.
/// </summary>
internal sealed class QmpConnection : IAsyncDisposable
{
    private const int MaxMessageLength = 1 << 20;

    // The oldest go: each only says that it is time to look, and a disk that fails has many.
    private const int MaxNotices = 16;

    private readonly NetworkStream _stream;
    private readonly PipeReader _reader;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TaskCompletionSource _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<QmpNotice> _notices = Channel.CreateBounded<QmpNotice>(
        new BoundedChannelOptions(MaxNotices) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Task _loop;
    private long _lastId;
    private volatile bool _over;

    private QmpConnection(NetworkStream stream)
    {
        _stream = stream;
        _reader = PipeReader.Create(stream);
        _loop = ReadLoopAsync();
    }

    /// <summary>Completes, never with an error, when QEMU has closed the connection.</summary>
    public Task Ended => _loop;

    /// <summary>Why the machine stopped, in QEMU's word ("guest-shutdown", "guest-panic", …); null if it did not say.</summary>
    public string? ShutdownReason { get; private set; }

    /// <summary>QEMU's events; ends when it has closed the connection.</summary>
    public ChannelReader<QmpNotice> Notices => _notices.Reader;

    /// <summary>Connects and leaves the negotiation behind.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="QmpException">It is not QMP, or QEMU ended meanwhile.</exception>
    public static async Task<QmpConnection> ConnectAsync(string socketPath, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var connection = new QmpConnection(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await connection._greeted.Task.WaitAsync(cancellationToken);
            await connection.ExecuteAsync("qmp_capabilities", cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command without arguments and waits for its answer.</summary>
    /// <exception cref="QmpException">QEMU refused it or ended first.</exception>
    public async Task ExecuteAsync(string command, CancellationToken cancellationToken) => await QueryAsync(command, cancellationToken);

    /// <summary>The machine's state in QEMU's word: "running", "paused", "io-error", …</summary>
    /// <exception cref="QmpException">QEMU refused it or ended first.</exception>
    public async Task<string> QueryStatusAsync(CancellationToken cancellationToken)
    {
        var answer = await QueryAsync("query-status", cancellationToken);
        return answer.TryGetProperty("status", out var status) ? status.GetString() ?? "" : "";
    }

    private async Task<JsonElement> QueryAsync(string command, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            // After it was added: either the loop's end finds it, or this finds the loop's end.
            if (_over)
            {
                throw Closed();
            }

            await WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new QmpCommand(command, id), QmpJson.Default.QmpCommand), cancellationToken);
            return await answer.Task.WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is ObjectDisposedException or (IOException and not QmpException))
        {
            // QEMU has ended meanwhile; its watcher may have closed the connection.
            throw Closed();
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Closing the socket ends the reader loop.
        await _stream.DisposeAsync();
        await _loop;
        _writing.Dispose();
    }

    private static QmpException Closed() => new("QEMU has closed its monitor connection");

    private async Task WriteAsync(byte[] message, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _stream.WriteAsync(message, cancellationToken);
            await _stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadLoopAsync()
    {
        try
        {
            while (await ReadMessageAsync() is { } message)
            {
                using (message)
                {
                    Handle(message.RootElement);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or JsonException)
        {
            // Whatever it was, this connection carries nothing more; the waiters below learn it.
        }
        finally
        {
            _over = true;
            await _reader.CompleteAsync();
            _notices.Writer.TryComplete();
            _greeted.TrySetException(Closed());
            foreach (var waiter in _pending.Values)
            {
                waiter.TrySetException(Closed());
            }

            // A failed greeting that nobody awaits any more is not an unobserved error.
            _ = _greeted.Task.Exception;
        }
    }

    private async Task<JsonDocument?> ReadMessageAsync()
    {
        while (true)
        {
            var result = await _reader.ReadAsync();
            var end = result.Buffer.PositionOf((byte)'\n');
            if (end is { } newline)
            {
                var line = result.Buffer.Slice(0, newline).ToArray();
                _reader.AdvanceTo(result.Buffer.GetPosition(1, newline));
                return JsonDocument.Parse(line);
            }

            if (result.IsCompleted || result.Buffer.Length > MaxMessageLength)
            {
                return null;
            }

            _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private void Handle(JsonElement message)
    {
        if (message.TryGetProperty("QMP", out _))
        {
            _greeted.TrySetResult();
        }
        else if (message.TryGetProperty("event", out var name))
        {
            HandleEvent(name.GetString(), message);
        }
        else if (message.TryGetProperty("id", out var id) && _pending.TryRemove(id.GetInt64(), out var waiter))
        {
            if (message.TryGetProperty("error", out var error))
            {
                waiter.TrySetException(new QmpException(error.GetProperty("desc").GetString() ?? "QEMU refused the command"));
            }
            else
            {
                waiter.TrySetResult(message.TryGetProperty("return", out var result) ? result.Clone() : default);
            }
        }
    }

    private void HandleEvent(string? name, JsonElement message)
    {
        message.TryGetProperty("data", out var data);
        switch (name)
        {
            case "SHUTDOWN" when data.TryGetProperty("reason", out var reason):
                ShutdownReason = reason.GetString();
                break;
            case "STOP":
                _notices.Writer.TryWrite(new MachinePaused());
                break;
            case "BLOCK_IO_ERROR" when data.TryGetProperty("action", out var action) && !action.ValueEquals("stop"):
                _notices.Writer.TryWrite(new DiskErrorReported(data.TryGetProperty("reason", out var words) ? words.GetString() ?? "" : ""));
                break;
        }
    }
}
