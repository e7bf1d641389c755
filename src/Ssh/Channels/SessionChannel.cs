using System.IO.Pipelines;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Channels;

/// <summary>
/// A session channel (RFC 4254, section 6). It carries one program:
/// <list type="number">
/// <item>A terminal and variables may be asked for.</item>
/// <item>A shell, a command or a subsystem is asked for, once. The answer waits until it runs or has failed.</item>
/// <item>Outputs go out, then the end, then how the program ended, then the close.</item>
/// </list>
/// </summary>
internal sealed class SessionChannel : SshChannel
{
    private readonly ISshConnectionHandler _handler;
    private readonly SessionRequest _request = new();
    private readonly Pipe _output;
    private readonly Pipe _error;
    private readonly LoopSignal _outputReady = new();
    private readonly LoopSignal _errorReady = new();
    private readonly SessionFrames _frames;
    private nint _startMessage;
    private Task _outputs = Task.CompletedTask;
    private bool _asked;
    private bool _ended;

    public SessionChannel(IChannelHost host, nint handle, ISshConnectionHandler handler)
        : base(host, handle)
    {
        _handler = handler;
        _output = NewOutput(host);
        _error = NewOutput(host);
        _frames = new SessionFrames(this, Input.Reader, _output.Writer, _error.Writer);
    }

    /// <inheritdoc/>
    public override void HandleRequest(nint message)
    {
        var taken = LibSshMessages.Subtype(message) switch
        {
            ChannelRequest.Pty => Answer(message, !_asked && _request.TryTakeTerminal(message)),
            ChannelRequest.Env => Answer(message, !_asked && _request.TryTakeVariable(message)),
            ChannelRequest.WindowChange => Answer(message, Resize(message)),
            ChannelRequest.Shell => Start(message, _request.ToShell),
            ChannelRequest.Exec => Start(message, () => CommandOf(message)),
            ChannelRequest.Subsystem => Start(message, () => SubsystemOf(message)),
            _ => Answer(message, false),
        };
        if (!taken)
        {
            LibSshMessages.Free(message);
        }
    }

    /// <inheritdoc/>
    public override void NoteSignal(string name)
    {
        if (SignalNames.NumberOf(name) is { } number)
        {
            _frames.Add(ExecFrameType.Signal, new ExecSignal { Number = number });
        }
    }

    /// <inheritdoc/>
    public override void Service()
    {
        base.Service();
        if (Handle != 0 && Host.CanWrite(Handle))
        {
            SetIfAwaited(_outputReady);
            SetIfAwaited(_errorReady);
        }
    }

    /// <summary>The program runs. From any thread.</summary>
    public void PostStarted() => Host.Scheduler.Schedule(_ => AnswerStart(true), null);

    /// <summary>The program has ended, and its outputs are in the pipes. From any thread.</summary>
    public void PostExit(ExecExit exit) => Host.Scheduler.Schedule(_ => Host.Track(EndAsync(exit)), null);

    /// <inheritdoc/>
    protected override void OnGone()
    {
        base.OnGone();
        _frames.Close();
        _output.Reader.CancelPendingRead();
        _error.Reader.CancelPendingRead();
        _outputReady.Set();
        _errorReady.Set();
        FreeStartMessage();
        if (!_asked)
        {
            // No start was requested, so no other code ends the pipes.
            _asked = true;
            Input.Reader.Complete();
        }
    }

    private static void SetIfAwaited(LoopSignal signal)
    {
        if (signal.HasWaiter)
        {
            signal.Set();
        }
    }

    private static bool Answer(nint message, bool success)
    {
        _ = success ? LibSshMessages.ReplyRequestSuccess(message) : LibSshMessages.ReplyDefault(message);
        return false;
    }

    private bool Resize(nint message)
    {
        var (columns, rows) = ((uint)LibSshMessages.PtyWidth(message), (uint)LibSshMessages.PtyHeight(message));
        if (_asked)
        {
            _frames.Add(ExecFrameType.Resize, new ExecResize { Cols = columns, Rows = rows });
        }
        else
        {
            _request.Resize(columns, rows);
        }

        return true;
    }

    private unsafe ExecStart? CommandOf(nint message) =>
        LibSshMessages.Text(LibSshMessages.Command(message)) is { } command ? _request.ToCommand(command) : null;

    private unsafe ExecStart? SubsystemOf(nint message) =>
        LibSshMessages.Text(LibSshMessages.Subsystem(message)) is { } name && _handler.FindSubsystem(name) is { } start
            ? _request.ToSubsystem(start)
            : null;

    // True: the message is ours until the program runs or does not.
    private bool Start(nint message, Func<ExecStart?> makeStart)
    {
        if (_asked || makeStart() is not { } start)
        {
            return Answer(message, false);
        }

        _asked = true;
        _startMessage = message;
        _outputs = Task.WhenAll(
            PumpOutputAsync(_output.Reader, _outputReady, isError: false), PumpOutputAsync(_error.Reader, _errorReady, isError: true));
        Host.Track(_outputs);
        Host.Track(PumpInputAsync());
        Host.Track(RunAsync(start));
        return true;
    }

    private async Task RunAsync(ExecStart start)
    {
        try
        {
            await ThreadPoolHop.RunAsync(() => _handler.RunAsync(start, _frames, Gone));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client has gone, or what leads to the process; without an exit it is closed below.
        }
        finally
        {
            // Also after an unexpected exception: a channel that stays open would keep its client waiting.
            await Input.Reader.CompleteAsync();
            await _output.Writer.CompleteAsync();
            await _error.Writer.CompleteAsync();
            AnswerStart(false);
            await EndAsync(null);
        }
    }

    private void AnswerStart(bool success)
    {
        if (_startMessage != 0)
        {
            Answer(_startMessage, success);
            FreeStartMessage();
            Host.ScheduleTurn();
        }
    }

    private void FreeStartMessage()
    {
        if (_startMessage != 0)
        {
            LibSshMessages.Free(_startMessage);
            _startMessage = 0;
        }
    }

    // 3.
    private async Task EndAsync(ExecExit? exit)
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        // A program that could not be started: its request fails, and the client closes the channel.
        var failed = _startMessage != 0;
        AnswerStart(false);
        await _outputs;
        if (failed || Handle == 0)
        {
            return;
        }

        SendEnd();
        if (exit is { Signal: not 0 })
        {
            _ = LibSshChannels.SendExitSignal(Handle, SignalNames.NameOf(exit.Signal), exit.CoreDumped ? 1 : 0, "", "");
        }
        else if (exit is not null)
        {
            _ = LibSshChannels.SendExitStatus(Handle, ExecExitCode.From(exit));
        }

        SendClose();
    }
}
