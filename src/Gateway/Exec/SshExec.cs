using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Threading.Channels;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.Ssh.Client;

namespace OpenShell.Gateway.Exec;

/// <summary>
/// A command by the SSH server of a sandbox, as what a relay to the target exec would carry: the near end of the returned
/// relay speaks exec frames, and all of this is over when that has been disposed.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Neither has a timer or a handle, and an abort may come late.")]
internal sealed class SshExec : IRelayTransport, ISshCommandOutput
{
    // Whom OpenShell's gateway logs in as; the server takes everybody.
    private const string User = "sandbox";
    private const string DefaultTerminal = "xterm-256color";

    // A piece is at most one packet of SSH: 32 KiB.
    private const int MaxPieces = 16;

    // For the end of the connection to get through; the command has ended before.
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _over = new();
    private readonly Pipe _toNear = new();
    private readonly Pipe _toFar = new();
    private readonly SemaphoreSlim _room = new(MaxPieces);
    private readonly Channel<(ExecFrameType Type, byte[] Data)> _output = Channel.CreateUnbounded<(ExecFrameType, byte[])>();
    private readonly RelayConnection _ssh;
    private readonly ExecStart _start;
    private readonly SshCommand _command;
    private Task _running = Task.CompletedTask;

    private SshExec(RelayConnection ssh, ExecStart start, string line)
    {
        (_ssh, _start) = (ssh, start);
        var terminal = start.Terminal is { } asked
            ? new SshTerminal(asked.Term.Length > 0 ? asked.Term : DefaultTerminal, (int)asked.Cols, (int)asked.Rows)
            : null;
        _command = SshCommand.Start(new SshCommandRequest(User, line, terminal), this);
    }

    public bool PeerEndsStream => false;

    /// <summary>Runs a command. The relay to the SSH server is this one's from now on; the returned one is the caller's.</summary>
    /// <param name="line">For the server's shell.</param>
    public static async Task<Outcome<RelayConnection>> StartAsync(
        RelayConnection ssh, ExecStart start, string line, CancellationToken cancellationToken)
    {
        var exec = new SshExec(ssh, start, line);
        exec._running = exec.RunAsync();
        try
        {
            if (await exec._command.Started.WaitAsync(cancellationToken) is { } failure)
            {
                await exec.CloseAsync(clean: false);
                return failure;
            }
        }
        catch (OperationCanceledException)
        {
            await exec.CloseAsync(clean: false);
            throw;
        }

        return new RelayConnection(
            new RelayFrameReader(exec._toNear.Reader), new RelayFrameWriter(exec._toFar.Writer), exec, peerKnowsEndOfStream: true);
    }

    public ValueTask CompleteWritesAsync() => ValueTask.CompletedTask;

    public void ThrowIfFailed()
    {
        // How it ended is in the exit frame, or thrown by the pipe.
    }

    public void Abort() => _over.Cancel();

    public async ValueTask CloseAsync(bool clean)
    {
        await _over.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Write(bool isError, byte[] data)
    {
        try
        {
            // The command's own thread: that it stands still is the back-pressure.
            _room.Wait(_over.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (!_output.Writer.TryWrite((isError ? ExecFrameType.Stderr : ExecFrameType.Stdout, data)))
        {
            // Its time is over, and what it says now is not asked for.
            _room.Release();
        }
    }

    private async Task RunAsync()
    {
        Exception? failure = null;
        try
        {
            await RunCommandAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            failure = e as IOException ?? new IOException("the command was given up", e);
        }
        finally
        {
            await _toNear.Writer.CompleteAsync(failure);
            await _toFar.Reader.CompleteAsync(failure);
        }
    }

    private async Task RunCommandAsync()
    {
        var far = new RelayConnection(
            new RelayFrameReader(_toFar.Reader), new RelayFrameWriter(_toNear.Writer), new FarEnd(), peerKnowsEndOfStream: true);
        using var frames = new ExecChannel(far);
        using var ended = new CancellationTokenSource();
        await using var stop = _over.Token.UnsafeRegister(static command => ((SshCommand)command!).Stop(), _command);
        var carrying = CarryAsync(ended.Token);
        var feeding = FeedAsync(frames, ended.Token);
        var writing = WriteOutputAsync(frames, _over.Token);
        try
        {
            var exit = await ExitAsync();
            _output.Writer.Complete();
            await writing;
            await frames.WriteAsync(ExecFrameType.Exit, exit, _over.Token);
            await far.CompleteWritesAsync(_over.Token);
        }
        finally
        {
            _command.Stop();
            _output.Writer.TryComplete();
            await _command.Exited;
            ended.CancelAfter(CloseTimeout);
            await carrying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ended.CancelAsync();
            await Task.WhenAll(feeding, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _ssh.DisposeAsync();
            _command.Dispose();
        }
    }

    private async Task<ExecExit> ExitAsync()
    {
        try
        {
            var limit = _start.TimeoutMs == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Min(_start.TimeoutMs, int.MaxValue));
            return await _command.Exited.WaitAsync(limit) is { } exit
                ? new ExecExit { Code = exit.Code, Signal = exit.Signal }
                : throw new IOException("exec relay closed before the command reported an exit status");
        }
        catch (TimeoutException)
        {
            _command.Stop();
            return new ExecExit { TimedOut = true };
        }
    }

    // A relay that breaks is the end of the connection.
    private async Task CarryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RelaySocket.RunAsync(_ssh, _command.Transport, cancellationToken);
        }
        catch (IOException)
        {
            _ssh.Abort();
        }
        finally
        {
            _command.Cut();
        }
    }

    private async Task WriteOutputAsync(ExecChannel frames, CancellationToken cancellationToken)
    {
        await foreach (var (type, data) in _output.Reader.ReadAllAsync(cancellationToken))
        {
            await frames.WriteAsync(type, data, cancellationToken);
            _room.Release();
        }
    }

    private async Task FeedAsync(ExecChannel frames, CancellationToken cancellationToken)
    {
        while (await frames.ReadAsync(cancellationToken) is { Type: not ExecFrameType.None } part)
        {
            switch (part.Type)
            {
                case ExecFrameType.Stdin:
                    foreach (var piece in part.Data)
                    {
                        await _command.WriteAsync(piece.ToArray(), cancellationToken);
                    }

                    break;
                case ExecFrameType.StdinEnd:
                    _command.EndInput();
                    break;
                case ExecFrameType.Resize when _start.Terminal is not null:
                    var size = ExecResize.Parser.ParseFrom(part.Data);
                    _command.Resize((int)size.Cols, (int)size.Rows);
                    break;
                case ExecFrameType.Signal:
                    _command.Signal(ExecSignal.Parser.ParseFrom(part.Data).Number);
                    break;
            }
        }
    }

    // Of the pipes between the two halves of this.
    private sealed class FarEnd : IRelayTransport
    {
        public bool PeerEndsStream => false;

        public ValueTask CompleteWritesAsync() => ValueTask.CompletedTask;

        public void ThrowIfFailed()
        {
            // A pipe throws itself.
        }

        public void Abort()
        {
            // Nobody aborts this end.
        }

        public ValueTask CloseAsync(bool clean) => ValueTask.CompletedTask;
    }
}
