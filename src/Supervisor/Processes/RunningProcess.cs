using OpenShell.Supervisor.Native;
using OpenShell.Supervisor.Polling;

namespace OpenShell.Supervisor.Processes;

/// <summary>
/// A process that was started, with our ends of its pipes or terminal. Its owner disposes it, which closes these ends
/// and signals nobody.
/// </summary>
internal sealed class RunningProcess : IDisposable
{
    private readonly Reaper _reaper;
    private readonly Child _child;
    private readonly bool _hasTerminal;

    public RunningProcess(Reaper reaper, Child child, PolledDescriptor input, PolledDescriptor output, PolledDescriptor? error)
    {
        _reaper = reaper;
        _child = child;
        _hasTerminal = ReferenceEquals(input, output);
        Input = input;
        Output = output;
        Error = error;
    }

    public int Pid => _child.Pid;

    /// <summary>Its end. Never faults.</summary>
    public Task<ExitStatus> Exited => _child.Exited;

    /// <summary>Its standard input, or the terminal.</summary>
    public PolledDescriptor Input { get; }

    /// <summary>Its standard output, or the terminal.</summary>
    public PolledDescriptor Output { get; }

    /// <summary>Its standard error; null on a terminal.</summary>
    public PolledDescriptor? Error { get; }

    /// <summary>Nothing more is coming in. A terminal cannot be closed one way, so there it is the end-of-file character.</summary>
    public async ValueTask EndInputAsync(CancellationToken cancellationToken)
    {
        if (!_hasTerminal)
        {
            Input.Dispose();
            return;
        }

        ReadOnlyMemory<byte> endOfFile = new byte[] { 4 };
        await Input.TryWriteAllAsync(endOfFile, cancellationToken);
    }

    /// <summary>Without a terminal nothing happens.</summary>
    public void Resize(uint columns, uint rows)
    {
        if (_hasTerminal)
        {
            LibcTerminal.Resize(Output.Descriptor, (ushort)Math.Min(columns, ushort.MaxValue), (ushort)Math.Min(rows, ushort.MaxValue));
        }
    }

    /// <summary>Signals the process group. False: nobody is left in it.</summary>
    public bool Signal(int number) => _reaper.SignalGroup(_child, number);

    /// <inheritdoc/>
    public void Dispose()
    {
        Input.Dispose();
        Output.Dispose();
        Error?.Dispose();
    }
}
