using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OpenShell.Protocol.Exec;

/// <summary>
/// The encoded terminal modes of SSH (RFC 4254, section 8, and RFC 8160 for UTF-8): an opcode and, up to opcode 159, four
/// bytes of argument each, then opcode 0. Opcodes that Linux has nothing for, such as baud rates of a line that has none,
/// are passed over; what is cut off ends there.
/// <para>
/// Settings are the beginning of struct termios, which the kernel and the C libraries of Linux have in common: four words
/// of flags (input, output, control, local), the line discipline, and the special characters.
/// </para>
/// </summary>
public static class TerminalModes
{
    /// <summary>What of struct termios is read or changed.</summary>
    public const int SettingsLength = Characters + 17;

    private const byte End = 0;
    private const byte FirstUndefined = 160;
    private const byte SevenBits = 90;
    private const byte EightBits = 91;
    private const uint SizeMask = 0x30;
    private const uint SizeSeven = 0x20;
    private const uint NoCharacter = 255;

    // Places in struct termios: words, and the byte where the characters begin.
    private const int Input = 0;
    private const int Output = 1;
    private const int Control = 2;
    private const int Local = 3;
    private const int Characters = 17;

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

    /// <summary>Only that characters are UTF-8 (IUTF8), so that the line editor removes whole ones.</summary>
    public static ReadOnlySpan<byte> Utf8 => [42, 0, 0, 0, 1, End];

    /// <summary>Changes what the modes name and leaves the rest.</summary>
    /// <param name="settings">At least <see cref="SettingsLength"/> bytes of struct termios.</param>
    public static void Apply(ReadOnlySpan<byte> modes, Span<byte> settings)
    {
        while (modes.Length >= 1 + sizeof(uint) && modes[0] is > End and < FirstUndefined)
        {
            Apply(modes[0], BinaryPrimitives.ReadUInt32BigEndian(modes[1..]), settings);
            modes = modes[(1 + sizeof(uint))..];
        }
    }

    /// <summary>Everything of some settings that has an opcode.</summary>
    /// <param name="settings">At least <see cref="SettingsLength"/> bytes of struct termios.</param>
    public static byte[] Encode(ReadOnlySpan<byte> settings)
    {
        List<byte> modes = [];
        for (var i = 0; i < CharacterPlaces.Length; i++)
        {
            if (CharacterPlaces[i] is var place and not NoPlace)
            {
                var character = settings[Characters + place];
                Add(modes, i + 1, character == 0 ? NoCharacter : character);
            }
        }

        var words = MemoryMarshal.Cast<byte, uint>(settings[..Characters]);
        AddFlags(modes, FirstInput, InputFlags, words[Input]);
        AddFlags(modes, FirstLocal, LocalFlags, words[Local]);
        AddFlags(modes, FirstOutput, OutputFlags, words[Output]);
        Add(modes, SevenBits, (words[Control] & SizeMask) == SizeSeven ? 1u : 0);
        Add(modes, EightBits, (words[Control] & SizeMask) == SizeMask ? 1u : 0);
        AddFlags(modes, FirstControl, ControlFlags, words[Control]);
        modes.Add(End);
        return [.. modes];
    }

    private static void Apply(byte opcode, uint value, Span<byte> settings)
    {
        var words = MemoryMarshal.Cast<byte, uint>(settings[..Characters]);
        if (opcode <= CharacterPlaces.Length)
        {
            if (CharacterPlaces[opcode - 1] is var place and not NoPlace)
            {
                settings[Characters + place] = value >= NoCharacter ? (byte)0 : (byte)value;
            }
        }
        else if (opcode is SevenBits or EightBits)
        {
            words[Control] = value == 0 ? words[Control] : (words[Control] & ~SizeMask) | (opcode == SevenBits ? SizeSeven : SizeMask);
        }
        else
        {
            Set(ref words[Input], InputFlags, opcode - FirstInput, value);
            Set(ref words[Local], LocalFlags, opcode - FirstLocal, value);
            Set(ref words[Output], OutputFlags, opcode - FirstOutput, value);
            Set(ref words[Control], ControlFlags, opcode - FirstControl, value);
        }
    }

    private static void Set(ref uint flags, ReadOnlySpan<ushort> known, int index, uint value)
    {
        if (index >= 0 && index < known.Length)
        {
            flags = value == 0 ? flags & ~(uint)known[index] : flags | known[index];
        }
    }

    private static void AddFlags(List<byte> modes, int first, ReadOnlySpan<ushort> known, uint flags)
    {
        for (var i = 0; i < known.Length; i++)
        {
            Add(modes, first + i, (flags & known[i]) != 0 ? 1u : 0);
        }
    }

    private static void Add(List<byte> modes, int opcode, uint value)
    {
        modes.Add((byte)opcode);
        modes.AddRange([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);
    }
}
