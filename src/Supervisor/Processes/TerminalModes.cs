using System.Buffers.Binary;
using OpenShell.Supervisor.Native;

namespace OpenShell.Supervisor.Processes;

/// <summary>
/// The encoded terminal modes of SSH (RFC 4254, section 8, and RFC 8160 for UTF-8): an opcode and, up to opcode 159, four
/// bytes of argument each, then opcode 0. Opcodes that Linux has nothing for, such as baud rates of a line that has none,
/// are passed over; what is cut off ends there.
/// </summary>
internal static class TerminalModes
{
    private const byte End = 0;
    private const byte FirstUndefined = 160;
    private const byte SevenBits = 90;
    private const byte EightBits = 91;
    private const uint SizeMask = 0x30;
    private const uint SizeSeven = 0x20;
    private const uint NoCharacter = 255;

    // Opcodes from 1: VINTR, VQUIT, VERASE, VKILL, VEOF, VEOL, VEOL2, VSTART, VSTOP, VSUSP, (VDSUSP), VREPRINT, VWERASE,
    // VLNEXT, (VFLUSH), VSWTCH, (VSTATUS), VDISCARD: their places in c_cc.
    private const byte NoPlace = 255;
    private static ReadOnlySpan<byte> CharacterPlaces =>
        [0, 1, 2, 3, 4, 11, 16, 8, 9, 10, NoPlace, 12, 14, 15, NoPlace, 7, NoPlace, 13];

    // Opcodes from 30: IGNPAR, PARMRK, INPCK, ISTRIP, INLCR, IGNCR, ICRNL, IUCLC, IXON, IXANY, IXOFF, IMAXBEL, IUTF8.
    private const byte FirstInput = 30;
    private static ReadOnlySpan<ushort> InputFlags =>
        [0x4, 0x8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000];

    // Opcodes from 50: ISIG, ICANON, XCASE, ECHO, ECHOE, ECHOK, ECHONL, NOFLSH, TOSTOP, IEXTEN, ECHOCTL, ECHOKE, PENDIN.
    private const byte FirstLocal = 50;
    private static ReadOnlySpan<ushort> LocalFlags =>
        [0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x8000, 0x200, 0x800, 0x4000];

    // Opcodes from 70: OPOST, OLCUC, ONLCR, OCRNL, ONOCR, ONLRET.
    private const byte FirstOutput = 70;
    private static ReadOnlySpan<ushort> OutputFlags => [0x1, 0x2, 0x4, 0x8, 0x10, 0x20];

    // Opcodes from 92: PARENB, PARODD.
    private const byte FirstControl = 92;
    private static ReadOnlySpan<ushort> ControlFlags => [0x100, 0x200];

    /// <summary>Changes what the modes name and leaves the rest.</summary>
    public static void Apply(ReadOnlySpan<byte> modes, ref TerminalSettings settings)
    {
        while (modes.Length >= 1 + sizeof(uint) && modes[0] is > End and < FirstUndefined)
        {
            Apply(modes[0], BinaryPrimitives.ReadUInt32BigEndian(modes[1..]), ref settings);
            modes = modes[(1 + sizeof(uint))..];
        }
    }

    private static void Apply(byte opcode, uint value, ref TerminalSettings settings)
    {
        if (opcode <= CharacterPlaces.Length)
        {
            SetCharacter(ref settings, CharacterPlaces[opcode - 1], value);
        }
        else if (opcode is SevenBits or EightBits)
        {
            settings.Control = value == 0 ? settings.Control : (settings.Control & ~SizeMask) | (opcode == SevenBits ? SizeSeven : SizeMask);
        }
        else
        {
            Set(ref settings.Input, InputFlags, opcode - FirstInput, value);
            Set(ref settings.Local, LocalFlags, opcode - FirstLocal, value);
            Set(ref settings.Output, OutputFlags, opcode - FirstOutput, value);
            Set(ref settings.Control, ControlFlags, opcode - FirstControl, value);
        }
    }

    private static void SetCharacter(ref TerminalSettings settings, byte place, uint value)
    {
        if (place != NoPlace)
        {
            settings.Characters[place] = value >= NoCharacter ? (byte)0 : (byte)value;
        }
    }

    private static void Set(ref uint flags, ReadOnlySpan<ushort> known, int index, uint value)
    {
        if (index >= 0 && index < known.Length)
        {
            flags = value == 0 ? flags & ~(uint)known[index] : flags | known[index];
        }
    }
}
