using System.Text;
using OpenShell.Cli.Text;

namespace OpenShell.Cli.Transfer;

/// <summary>
/// Makes tar headers in the GNU format, which every tar reads that is in use: busybox skips POSIX attributes, and with
/// them would cut long names. Owner and group are 0: the user's own numbers mean nothing in a sandbox.
/// </summary>
internal static class TarHeaderWriter
{
    // What fits eleven octal digits.
    private const long LargestOctal = 0x1_FFFF_FFFF;

    /// <summary>The two empty blocks at the end of an archive.</summary>
    public static byte[] End { get; } = new byte[2 * TarFormat.Block];

    /// <summary>The header of an entry, with those before it that a long name or link needs.</summary>
    public static byte[] Header(Entry entry)
    {
        using var output = new MemoryStream();
        var name = RawPath.ToBytes(entry.Kind == EntryKind.Directory ? entry.Path + "/" : entry.Path);
        var link = RawPath.ToBytes(entry.Link);
        WriteLong(output, TarFormat.LongLink, link);
        WriteLong(output, TarFormat.LongName, name);
        var type = entry.Kind switch
        {
            EntryKind.Directory => TarFormat.Directory,
            EntryKind.SymbolicLink => TarFormat.SymbolicLink,
            EntryKind.HardLink => TarFormat.HardLink,
            _ => TarFormat.File,
        };
        output.Write(Block(name, link, type, entry.Mode, entry.Kind == EntryKind.File ? entry.Size : 0, entry.ModifiedSeconds));
        return output.ToArray();
    }

    private static void WriteLong(MemoryStream output, byte type, byte[] text)
    {
        if (text.Length > TarFormat.NameLength)
        {
            output.Write(Block("././@LongLink"u8, [], type, 0, text.Length + 1, 0));
            output.Write(text);
            output.Write(new byte[1 + TarFormat.Padding(text.Length + 1)]);
        }
    }

    private static byte[] Block(ReadOnlySpan<byte> name, ReadOnlySpan<byte> link, byte type, int mode, long size, long modified)
    {
        var block = new byte[TarFormat.Block];
        name[..Math.Min(name.Length, TarFormat.NameLength)].CopyTo(block);
        Number(block.AsSpan(100, 8), mode);
        Number(block.AsSpan(108, 8), 0);
        Number(block.AsSpan(116, 8), 0);
        Number(block.AsSpan(124, 12), size);
        Number(block.AsSpan(136, 12), modified);
        block[156] = type;
        link[..Math.Min(link.Length, TarFormat.NameLength)].CopyTo(block.AsSpan(157));
        "ustar  \0"u8.CopyTo(block.AsSpan(257));
        Encoding.ASCII.GetBytes(Convert.ToString(TarFormat.Checksum(block), 8).PadLeft(6, '0') + "\0 ", block.AsSpan(148));
        return block;
    }

    // Octal digits and a NUL; what is larger, or negative, GNU's way: the first bit set and the rest in binary, in two's
    // complement.
    private static void Number(Span<byte> field, long value)
    {
        if (value is >= 0 and <= LargestOctal)
        {
            Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(field.Length - 1, '0'), field);
            return;
        }

        field[0] = value < 0 ? (byte)0xFF : (byte)0x80;
        for (var i = field.Length - 1; i > 0; i--, value >>= 8)
        {
            field[i] = (byte)value;
        }
    }
}
