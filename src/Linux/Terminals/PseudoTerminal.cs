using OpenShell.Linux.Descriptors;

namespace OpenShell.Linux.Terminals;

/// <summary>Pseudo terminals, and the settings of one as the kernel has them.</summary>
public static unsafe class PseudoTerminal
{
    private const uint IoctlUnlock = 0x40045431;
    private const uint IoctlOpenPeer = 0x5441;
    private const uint IoctlGetSettings = 0x5401;
    private const uint IoctlSetSettings = 0x5402;
    private const byte DefaultEndOfFile = 4;

    /// <summary>A terminal: our end (non-blocking) and the process's end, opened without a path, so no devpts is needed there.</summary>
    /// <exception cref="IOException">There is no terminal to be had.</exception>
    public static (FileDescriptor Master, FileDescriptor Peer) OpenPair()
    {
        var number = DescriptorIo.Open("/dev/ptmx", DescriptorIo.OpenReadWrite | DescriptorIo.NoControllingTerminal | DescriptorIo.CloseOnExec | DescriptorIo.NonBlocking, 0);
        if (number < 0)
        {
            throw Errno.Failure("/dev/ptmx");
        }

        var master = new FileDescriptor(number);
        var locked = 0;
        var peer = -1;
        if (DescriptorIo.Ioctl(master, IoctlUnlock, (nint)(&locked)) == 0)
        {
            peer = DescriptorIo.Ioctl(master, IoctlOpenPeer, DescriptorIo.OpenReadWrite | DescriptorIo.NoControllingTerminal | DescriptorIo.CloseOnExec);
        }

        if (peer < 0)
        {
            var failure = Errno.Failure("pseudo terminal");
            master.Dispose();
            throw failure;
        }

        return (master, new FileDescriptor(peer));
    }

    /// <summary>Reads what <see cref="TerminalSettings"/> has of a terminal, through either end.</summary>
    public static bool TryGetSettings(FileDescriptor terminal, out TerminalSettings settings)
    {
        settings = default;
        fixed (TerminalSettings* pointer = &settings)
        {
            return DescriptorIo.Ioctl(terminal, IoctlGetSettings, (nint)pointer) == 0;
        }
    }

    public static void TrySetSettings(FileDescriptor terminal, TerminalSettings settings) =>
        _ = DescriptorIo.Ioctl(terminal, IoctlSetSettings, (nint)(&settings));

    /// <summary>What a program on this terminal takes for the end of its input, at this moment.</summary>
    public static byte? EndOfFileCharacter(FileDescriptor terminal) =>
        TryGetSettings(terminal, out var settings) ? settings.Characters[TerminalSettings.EndOfFile] : DefaultEndOfFile;
}
