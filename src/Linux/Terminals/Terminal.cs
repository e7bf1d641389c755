using System.Runtime.InteropServices;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Linux.Terminals;

/// <summary>termios(3) and the window size of a terminal.</summary>
public static unsafe partial class Terminal
{
    // struct termios is 60 bytes on Linux with glibc and musl; its fields are not looked at.
    private const int TermiosSize = 128;

    // TCSANOW. Waiting for output to drain could wait for ever: the user may have stopped it.
    private const int SetAttributesNow = 0;
    private const uint IoctlGetWindowSize = 0x5413;
    private const uint IoctlSetWindowSize = 0x5414;

    /// <summary>Whether the descriptor is a terminal.</summary>
    public static bool IsTerminal(SafeHandle descriptor) => IsATty(descriptor) == 1;

    /// <summary>The current settings, to be given back to <see cref="Restore"/>; null when it is no terminal.</summary>
    public static byte[]? GetAttributes(SafeHandle terminal)
    {
        var attributes = new byte[TermiosSize];
        return GetAttributesInto(terminal, attributes) == 0 ? attributes : null;
    }

    /// <summary>Every byte goes through as it is: no echo, no line editing, no signals. False when the terminal refused.</summary>
    /// <param name="attributes">What the other settings are taken from.</param>
    public static bool MakeRaw(SafeHandle terminal, ReadOnlySpan<byte> attributes)
    {
        Span<byte> raw = stackalloc byte[TermiosSize];
        attributes.CopyTo(raw);
        MakeRawAttributes(raw);
        return SetAttributes(terminal, SetAttributesNow, raw) == 0;
    }

    /// <summary>Puts settings back that <see cref="GetAttributes"/> returned.</summary>
    public static void Restore(SafeHandle terminal, ReadOnlySpan<byte> attributes) =>
        _ = SetAttributes(terminal, SetAttributesNow, attributes);

    /// <summary>Null when it is no terminal or does not know.</summary>
    public static TerminalSize? GetSize(SafeHandle terminal)
    {
        WindowSize size = default;
        var known = DescriptorIo.Ioctl(terminal, IoctlGetWindowSize, (nint)(&size)) == 0 && size is { Columns: > 0, Rows: > 0 };
        return known ? new TerminalSize(size.Columns, size.Rows) : null;
    }

    /// <summary>Tells the programs on it (SIGWINCH). False: it is no terminal.</summary>
    public static bool Resize(SafeHandle terminal, ushort columns, ushort rows)
    {
        var size = new WindowSize { Rows = rows, Columns = columns };
        return DescriptorIo.Ioctl(terminal, IoctlSetWindowSize, (nint)(&size)) == 0;
    }

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsATty(SafeHandle descriptor);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributesInto(SafeHandle descriptor, Span<byte> attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(SafeHandle descriptor, int when, ReadOnlySpan<byte> attributes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRawAttributes(Span<byte> attributes);

    // struct winsize; the pixels are not used.
    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        private readonly ushort _pixelWidth;
        private readonly ushort _pixelHeight;
    }
}

/// <summary>Size of a terminal in characters.</summary>
public readonly record struct TerminalSize(uint Columns, uint Rows);
