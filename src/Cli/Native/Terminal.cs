using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenShell.Cli.Native;

/// <summary>termios(3) and the window size of a terminal.</summary>
internal static partial class Terminal
{
    // struct termios is 60 bytes on Linux with glibc and musl; its fields are none of our business.
    private const int TermiosSize = 128;

    // TCSANOW. Waiting for output to drain could wait for ever: the user may have stopped it.
    private const int SetAttributesNow = 0;
    private const nuint GetWindowSize = 0x5413;

    /// <summary>Whether the descriptor is a terminal.</summary>
    public static bool IsTerminal(SafeFileHandle descriptor) => IsATty(descriptor) == 1;

    /// <summary>The current settings, to be given back to <see cref="Restore"/>; null when it is no terminal.</summary>
    public static byte[]? GetAttributes(SafeFileHandle terminal)
    {
        var attributes = new byte[TermiosSize];
        return GetAttributesInto(terminal, attributes) == 0 ? attributes : null;
    }

    /// <summary>Every byte goes through as typed: no echo, no line editing, no signals. False when the terminal refused.</summary>
    public static bool MakeRaw(SafeFileHandle terminal, ReadOnlySpan<byte> attributes)
    {
        Span<byte> raw = stackalloc byte[TermiosSize];
        attributes.CopyTo(raw);
        MakeRawAttributes(raw);
        return SetAttributes(terminal, SetAttributesNow, raw) == 0;
    }

    /// <summary>Puts settings back that <see cref="GetAttributes"/> returned.</summary>
    public static void Restore(SafeFileHandle terminal, ReadOnlySpan<byte> attributes) =>
        _ = SetAttributes(terminal, SetAttributesNow, attributes);

    /// <summary>Columns and rows; null when it is no terminal or does not know.</summary>
    public static TerminalSize? GetSize(SafeFileHandle terminal)
    {
        var result = WindowSize(terminal, GetWindowSize, out var value);
        return result == 0 && value.Columns > 0 && value.Rows > 0 ? new TerminalSize(value.Columns, value.Rows) : null;
    }

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsATty(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributesInto(SafeFileHandle descriptor, Span<byte> attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(SafeFileHandle descriptor, int when, ReadOnlySpan<byte> attributes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRawAttributes(Span<byte> attributes);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int WindowSize(SafeFileHandle descriptor, nuint request, out WindowSizeValue size);

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSizeValue
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelWidth;
        public ushort PixelHeight;
    }
}
