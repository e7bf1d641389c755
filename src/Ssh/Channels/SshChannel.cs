using System.IO.Pipelines;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Channels;

/// <summary>
/// A channel and the pipes between the loop, which alone touches it, and the thread pool, where the work is:
/// <list type="number">
/// <item>What the client sends stays in libssh, with the client's window shut, until the pipe is almost empty; then all
/// of it goes there. libssh opens the window for every piece that is taken, so pieces would add up.</item>
/// <item>What the work writes goes out as far as the client's window and the socket take it.</item>
/// <item>A close goes out after the last byte; the channel is freed when the client has closed it too. A client that
/// closes first has gone: <see cref="Gone"/>.</item>
/// </list>
/// </summary>
#pragma warning disable CA1001 // What is only cancelled, without a timer or a wait handle, holds nothing to dispose.
internal abstract class SshChannel
#pragma warning restore CA1001
{
    private const int InputPause = 64 * 1024;
    private const int OutputPause = 256 * 1024;
    private const int SegmentBytes = 32 * 1024;

    // Others have their turn after as much.
    private const int BytesPerTurn = 256 * 1024;

    private readonly CancellationTokenSource _gone = new();
    private readonly LoopSignal _inputSignal = new();
    private int _buffered;
    private bool _clientClosed;
    private bool _takesInput;

    protected SshChannel(IChannelHost host, nint handle)
    {
        Host = host;
        Handle = handle;
        Gone = _gone.Token;
        Input = new Pipe(Options(InputPause, reader: PipeScheduler.ThreadPool, writer: host.Scheduler));
    }

    protected IChannelHost Host { get; }

    /// <summary>0 once libssh has freed it, or is about to.</summary>
    protected nint Handle { get; private set; }

    /// <summary>The client has closed the channel, or its connection is over.</summary>
    protected CancellationToken Gone { get; }

    /// <summary>The client sends no more.</summary>
    protected bool ClientEnded { get; private set; }

    /// <summary>Whether the end of the channel is the end of the work, too.</summary>
    protected virtual bool EndsWork => true;

    /// <summary>From the client, for one reader on the thread pool, which completes it.</summary>
    protected Pipe Input { get; }

    /// <summary>Towards the client, for one writer on the thread pool.</summary>
    protected static Pipe NewOutput(IChannelHost host) =>
        new(Options(OutputPause, reader: host.Scheduler, writer: PipeScheduler.ThreadPool));

    /// <summary>Notes what libssh says; it is acted on in <see cref="Service"/>.</summary>
    public int NoteData(int buffered, bool isError)
    {
        if (isError)
        {
            // Nothing reads errors from a client.
            return buffered;
        }

        _buffered = buffered;
        return 0;
    }

    public void NoteEnd() => ClientEnded = true;

    public void NoteClose() => _clientClosed = true;

    public virtual void NoteSignal(string name)
    {
    }

    /// <summary>A request of the client; the receiver frees it.</summary>
    public virtual void HandleRequest(nint message)
    {
        _ = LibSshMessages.ReplyDefault(message);
        LibSshMessages.Free(message);
    }

    /// <summary>Does what has become possible since the last time.</summary>
    public virtual void Service()
    {
        if (Handle == 0)
        {
            return;
        }

        if (_clientClosed)
        {
            // What a client sends may come in one piece with its close.
            if (_takesInput)
            {
                TakeBuffered(Input.Writer);
            }

            Free();
            return;
        }

        if (_buffered > 0 || ClientEnded)
        {
            _inputSignal.Set();
        }
    }

    /// <summary>The connection is over; libssh frees the channel with it.</summary>
    public void Drop()
    {
        if (Handle != 0)
        {
            Handle = 0;
            OnGone();
        }
    }

    /// <summary>Wakes everything that waits; called once, when the channel can no longer be used.</summary>
    protected virtual void OnGone()
    {
        if (EndsWork)
        {
            EndWork();
        }

        _inputSignal.Set();
    }

    /// <summary>Cancels <see cref="Gone"/>.</summary>
    protected void EndWork() => Host.Track(_gone.CancelAsync());

    /// <summary>Carries what the client sends into <see cref="Input"/>, to its end.</summary>
    protected async Task PumpInputAsync()
    {
        var writer = Input.Writer;
        _takesInput = true;
        while (Handle != 0)
        {
            if (_buffered > 0)
            {
                TakeBuffered(writer);
                if ((await writer.FlushAsync()).IsCompleted)
                {
                    break;
                }
            }
            else if (ClientEnded)
            {
                break;
            }
            else
            {
                await _inputSignal.WaitAsync();
            }
        }

        _takesInput = false;
        await writer.CompleteAsync(Handle == 0 && !ClientEnded ? new IOException("The client has gone.") : null);
    }

    /// <summary>Carries what the work writes to the client, to its end.</summary>
    protected async Task PumpOutputAsync(PipeReader reader, LoopSignal ready, bool isError)
    {
        var written = 0;
        while (Handle != 0)
        {
            var read = await reader.ReadAsync();
            foreach (var piece in read.Buffer)
            {
                for (var rest = piece; !rest.IsEmpty && Handle != 0;)
                {
                    var count = Host.CanWrite(Handle) ? Write(rest.Span, isError) : 0;
                    rest = rest[count..];
                    written += count;
                    if (count == 0)
                    {
                        await ready.WaitAsync();
                    }
                    else if (written >= BytesPerTurn)
                    {
                        written = 0;
                        await Task.Yield();
                    }
                }
            }

            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        await reader.CompleteAsync();
    }

    /// <summary>Says that no more comes from us.</summary>
    protected void SendEnd()
    {
        if (Handle != 0)
        {
            // libssh sends no close while it believes an end to be on its way; a second request corrects that.
            _ = LibSshChannels.SendEof(Handle);
            Host.ScheduleTurn();
        }
    }

    /// <summary>Closes our side.</summary>
    protected void SendClose()
    {
        if (Handle != 0)
        {
            SendEnd();
            _ = LibSshChannels.Close(Handle);
            Host.ScheduleTurn();
        }
    }

    // Not by the synchronization context: a pipe forgets it when the other side is done between a look and the wait for it.
    private static PipeOptions Options(int pause, PipeScheduler reader, PipeScheduler writer) => new(
        null, reader, writer, pause, pause / 2, SegmentBytes, useSynchronizationContext: false);

    private void Free()
    {
        var handle = Handle;
        SendClose();
        Handle = 0;
        Host.Remove(handle);
        LibSshChannels.Free(handle);
        OnGone();
    }

    private unsafe void TakeBuffered(PipeWriter writer)
    {
        while (_buffered > 0)
        {
            var span = writer.GetSpan(Math.Min(_buffered, SegmentBytes));
            fixed (byte* bytes = span)
            {
                var count = LibSshChannels.Read(Handle, bytes, (uint)Math.Min(_buffered, span.Length), 0);
                if (count <= 0)
                {
                    _buffered = 0;
                    break;
                }

                writer.Advance(count);
                _buffered -= count;
            }
        }

        Host.ScheduleTurn();
    }

    private unsafe int Write(ReadOnlySpan<byte> data, bool isError)
    {
        fixed (byte* bytes = data)
        {
            var count = isError
                ? LibSshChannels.WriteError(Handle, bytes, (uint)data.Length)
                : LibSshChannels.Write(Handle, bytes, (uint)data.Length);
            if (count != 0 || !Host.IsRunningTurn)
            {
                Host.ScheduleTurn();
            }

            return Math.Max(0, count);
        }
    }
}
