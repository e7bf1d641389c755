using System.Runtime.InteropServices;
using OpenShell.Linux;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Sockets;
using OpenShell.Linux.Terminals;
using OpenShell.Protocol.Exec;
using OpenShell.Supervisor.Polling;

namespace OpenShell.Supervisor.Processes;

/// <summary>The descriptors of a process that is about to start: ours, and those that it gets.</summary>
internal sealed class ProcessStreams : IDisposable
{
    private const int DefaultColumns = 80;
    private const int DefaultRows = 24;
    private const uint TerminalGroup = 5;

    private readonly FileDescriptor[] _given;
    private readonly FileDescriptor[] _kept;

    private ProcessStreams(FileDescriptor[] given, FileDescriptor[] kept, bool hasTerminal = false)
    {
        _given = given;
        _kept = kept;
        HasTerminal = hasTerminal;
    }

    public bool HasTerminal { get; }

    public FileDescriptor Input => _given[0];

    public FileDescriptor Output => _given[_given.Length == 1 ? 0 : 1];

    public FileDescriptor Error => _given[_given.Length == 1 ? 0 : 2];

    /// <summary>Nothing to read and nowhere to write.</summary>
    /// <exception cref="IOException">No descriptors are left.</exception>
    public static ProcessStreams CreateNull()
    {
        var descriptor = new FileDescriptor(DescriptorIo.Open("/dev/null", DescriptorIo.OpenReadWrite | DescriptorIo.CloseOnExec, 0));
        return descriptor.IsInvalid ? throw Errno.Failure("/dev/null") : new ProcessStreams([descriptor], []);
    }

    /// <summary>
    /// For a process whose standard outputs nobody wants: its standard input has ended, and what it writes there is its answer.
    /// </summary>
    /// <exception cref="IOException">No descriptors are left.</exception>
    public static ProcessStreams CreateAnswer()
    {
        var (ours, given) = NativeSocket.CreatePair();
        try
        {
            DescriptorIo.SetNonBlocking(ours);
            NativeSocket.TryEndWrites(ours);
            var nowhere = CreateNull().Input;
            return new ProcessStreams([given, nowhere, nowhere], [ours]);
        }
        catch (IOException)
        {
            ours.Dispose();
            given.Dispose();
            throw;
        }
    }

    /// <exception cref="IOException">No descriptors or terminals are left.</exception>
    public static ProcessStreams CreatePipes()
    {
        List<FileDescriptor> opened = [];
        try
        {
            var input = DescriptorIo.CreatePipe(nonBlockingRead: false, nonBlockingWrite: true);
            opened.AddRange([input.Read, input.Write]);
            var output = DescriptorIo.CreatePipe(nonBlockingRead: true, nonBlockingWrite: false);
            opened.AddRange([output.Read, output.Write]);
            var error = DescriptorIo.CreatePipe(nonBlockingRead: true, nonBlockingWrite: false);
            return new ProcessStreams([input.Read, output.Write, error.Write], [input.Write, output.Read, error.Read]);
        }
        catch (IOException)
        {
            opened.ForEach(descriptor => descriptor.Dispose());
            throw;
        }
    }

    /// <exception cref="IOException">No descriptors or terminals are left.</exception>
    public static ProcessStreams CreateTerminal(ProcessTerminal terminal, uint owner)
    {
        var (master, peer) = PseudoTerminal.OpenPair();
        var columns = terminal.Columns == 0 ? DefaultColumns : Math.Min(terminal.Columns, ushort.MaxValue);
        var rows = terminal.Rows == 0 ? DefaultRows : Math.Min(terminal.Rows, ushort.MaxValue);
        Terminal.Resize(master, (ushort)columns, (ushort)rows);
        SetModes(peer, terminal.Modes.Span);
        // Programs open their terminal by its name too. Not being allowed to hand it over leaves it usable through 0, 1 and 2.
        _ = DescriptorIo.ChangeOwner(peer, owner, TerminalGroup);
        return new ProcessStreams([peer], [master], hasTerminal: true);
    }

    private static void SetModes(FileDescriptor terminal, ReadOnlySpan<byte> modes)
    {
        if (!modes.IsEmpty && PseudoTerminal.TryGetSettings(terminal, out var settings))
        {
            TerminalModes.Apply(modes, MemoryMarshal.AsBytes(new Span<TerminalSettings>(ref settings)));
            PseudoTerminal.TrySetSettings(terminal, settings);
        }
    }

    /// <summary>Hands our ends over to a process that now runs.</summary>
    public RunningProcess Attach(EventLoop loop, Reaper reaper, Child child)
    {
        var ends = Array.ConvertAll(_kept, loop.Register);
        return ends.Length == 1
            ? new RunningProcess(reaper, child, ends[0], ends[0], null)
            : new RunningProcess(reaper, child, ends[0], ends[1], ends[2]);
    }

    /// <summary>Closes our copies of what the process got.</summary>
    public void CloseGiven() => Array.ForEach(_given, descriptor => descriptor.Dispose());

    /// <summary>Closes everything; for a process that did not start.</summary>
    public void Dispose()
    {
        CloseGiven();
        Array.ForEach(_kept, descriptor => descriptor.Dispose());
    }
}
