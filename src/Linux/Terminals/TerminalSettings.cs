using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OpenShell.Linux.Terminals;

/// <summary>The kernel's struct termios (asm-generic/termbits.h), which is not that of a C library.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TerminalSettings
{
    /// <summary>Index of the end-of-file character.</summary>
    public const int EndOfFile = 4;

    public uint Input;
    public uint Output;
    public uint Control;
    public uint Local;
    public byte Discipline;
    public SpecialCharacters Characters;

    /// <summary>Indexed as in the kernel; 0 is none.</summary>
    [InlineArray(19)]
    public struct SpecialCharacters
    {
        private byte _first;
    }
}
