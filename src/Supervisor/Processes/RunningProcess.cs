using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Terminals;
using OpenShell.Supervisor.Polling;

namespace OpenShell.Supervisor.Processes;

/// <summary>
/// A process with our ends of its pipes or terminal. Its owner disposes it, which closes these ends and signals nobody.
/// </summary>
internal sealed class RunningProcess : SandboxProcess, IDisposable
{
    private const byte NewLine = (byte)'\n';

    private readonly bool _hasTerminal;
    private byte _lastInput = NewLine;
    private FileDescriptor? _endedInput;

    public RunningProcess(Reaper reaper, Child child, PolledDescriptor input, PolledDescriptor output, PolledDescriptor? error)
        : base(reaper, child)
    {
        _hasTerminal = ReferenceEquals(input, output);
        Input = input;
        Output = output;
        Error = error;
    }

    /// <summary>Its standard input, or the terminal.</summary>
    public PolledDescriptor Input { get; }

    /// <summary>Its standard output, or the terminal.</summary>
    public PolledDescriptor Output { get; }

    /// <summary>Its standard error; null on a terminal.</summary>
    public PolledDescriptor? Error { get; }

    /// <summary>
    /// Bytes of its input that it, or a child of it, has read by now. Null: not known, because a terminal does not tell.
    /// </summary>
    public long? InputTaken =>
        // In this order: when our end is closed, the other one is there.
        (_hasTerminal ? null : Input.WithDescriptor<int>(pipe => DescriptorIo.BytesReadable(pipe)) ?? Ended(_endedInput)) is { } unread
            ? Input.Written - unread
            : null;

    /// <summary>Writes input, as fast as it is taken. False: nobody reads it any more.</summary>
    public ValueTask<bool> TryWriteInputAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!bytes.IsEmpty)
        {
            _lastInput = bytes.Span[^1];
        }

        return Input.TryWriteAllAsync(bytes, cancellationToken);
    }

    /// <summary>Nothing more is coming in. A terminal cannot be closed one way, so there it is the end-of-file character.</summary>
    public async ValueTask EndInputAsync(CancellationToken cancellationToken)
    {
        if (!_hasTerminal)
        {
            KeepUnread();
            Input.Dispose();
            return;
        }

        // In the middle of a line the first one only hands the line over.
        if (Input.WithDescriptor(PseudoTerminal.EndOfFileCharacter) is { } endOfFile)
        {
            byte[] characters = _lastInput == NewLine ? [endOfFile] : [endOfFile, endOfFile];
            await Input.TryWriteAllAsync(characters, cancellationToken);
        }
    }

    /// <summary>Without a terminal nothing happens.</summary>
    public void Resize(uint columns, uint rows)
    {
        if (_hasTerminal)
        {
            var size = ((ushort)Math.Min(columns, ushort.MaxValue), (ushort)Math.Min(rows, ushort.MaxValue));
            _ = Output.WithDescriptor<bool>(descriptor => Terminal.Resize(descriptor, size.Item1, size.Item2));
        }
    }

    // What is in a pipe goes when nobody has it open: the process may end without having read all of it, and is then
    // asked for it. Only now, when no more is written: a writer must learn that the process has closed its end.
    private void KeepUnread()
    {
        var descriptor = Input.WithDescriptor<int>(pipe => DescriptorIo.Open(
            $"/proc/self/fd/{pipe.Number}", DescriptorIo.OpenReadOnly | DescriptorIo.NonBlocking | DescriptorIo.CloseOnExec, 0));
        if (_endedInput is null && descriptor is >= 0 and var number)
        {
            _endedInput = new FileDescriptor(number);
        }
    }

    private static int? Ended(FileDescriptor? input) => input is null ? null : DescriptorIo.BytesReadable(input);

    /// <inheritdoc/>
    public void Dispose()
    {
        _endedInput?.Dispose();
        Input.Dispose();
        Output.Dispose();
        Error?.Dispose();
    }
}
