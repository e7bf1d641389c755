using Google.Protobuf;
using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Cli.Rpc;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Exec;

/// <summary>A command in a sandbox whose input and output are streams of this program. One reader and one writer.</summary>
internal sealed class PipedExec : IAsyncDisposable
{
    private const int ChunkBytes = ExecFrames.MaxPayload;

    // Standard error of a tool that fails: its first lines are enough.
    private const int MostError = 8 * 1024;

    private readonly AsyncDuplexStreamingCall<ExecSandboxInput, ExecSandboxEvent> _call;
    private readonly MemoryStream _error = new();
    private ReadOnlyMemory<byte> _rest;

    private PipedExec(AsyncDuplexStreamingCall<ExecSandboxInput, ExecSandboxEvent> call) => _call = call;

    /// <summary>How it ended; null until <see cref="ReadAsync"/> has come to the end.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The first lines of its standard error so far.</summary>
    public string ErrorText => System.Text.Encoding.UTF8.GetString(_error.GetBuffer(), 0, (int)_error.Length).Trim();

    /// <summary>Starts it.</summary>
    public static async Task<PipedExec> StartAsync(GatewayConnection connection, ExecSandboxRequest request, CancellationToken cancellationToken)
    {
        var exec = new PipedExec(connection.Client.ExecSandboxInteractive(connection.Streaming(cancellationToken)));
        try
        {
            await exec._call.RequestStream.WriteAsync(new ExecSandboxInput { Start = request }, cancellationToken);
            return exec;
        }
        catch
        {
            await exec.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends bytes to its input; completes when they are taken.</summary>
    /// <exception cref="RpcException">It has ended, or the connection was lost: <see cref="ReadAsync"/> says which.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(ChunkBytes, data.Length)];
            await _call.RequestStream.WriteAsync(new ExecSandboxInput { Stdin = UnsafeByteOperations.UnsafeWrap(piece) }, cancellationToken);
            data = data[piece.Length..];
        }
    }

    /// <summary>Ends its input.</summary>
    public Task EndInputAsync() => _call.RequestStream.CompleteAsync();

    /// <summary>Reads of its standard output; 0 once it has ended.</summary>
    /// <exception cref="RpcException">The gateway refused, or the connection was lost.</exception>
    /// <exception cref="CliException">The stream ended without an exit code.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (_rest.IsEmpty && ExitCode is null)
        {
            if (!await _call.ResponseStream.MoveNext(cancellationToken))
            {
                throw new CliException(
                    new CliError("connection_lost", "the connection to the sandbox was lost in the middle of a copy", ExitCodes.ConnectionLost));
            }

            var next = _call.ResponseStream.Current;
            _rest = next.Stdout?.Data.Memory ?? default;
            ExitCode = next.Exit is { } exit ? exit.ExitCode & 0xff : null;
            var error = next.Stderr is { } stderr ? stderr.Data.Span : [];
            _error.Write(error[..Math.Min(error.Length, MostError - (int)_error.Length)]);
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    /// <summary>Ends the call; a command that still runs is ended by its supervisor.</summary>
    public ValueTask DisposeAsync()
    {
        _call.Dispose();
        return _error.DisposeAsync();
    }
}

/// <summary>The standard output of a <see cref="PipedExec"/>, which it does not own, as a stream.</summary>
internal sealed class PipedExecOutput(PipedExec exec) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        exec.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        exec.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
