namespace OpenShell.Cli.Transfer;

/// <summary>
/// Numbers of tar's format. It is read and written here and not by System.Formats.Tar because that takes names for UTF-8,
/// and would change those that are not.
/// </summary>
internal static class TarFormat
{
    /// <summary>Headers and contents begin at multiples of this.</summary>
    public const int Block = 512;

    public const int NameLength = 100;

    public const byte File = (byte)'0';
    public const byte OldFile = 0;
    public const byte ContiguousFile = (byte)'7';
    public const byte HardLink = (byte)'1';
    public const byte SymbolicLink = (byte)'2';
    public const byte Directory = (byte)'5';

    /// <summary>GNU: the next entry's name, or link, is the content of this one.</summary>
    public const byte LongName = (byte)'L';

    /// <inheritdoc cref="LongName"/>
    public const byte LongLink = (byte)'K';

    /// <summary>POSIX: attributes of the next entry, of all entries.</summary>
    public const byte Attributes = (byte)'x';

    /// <inheritdoc cref="Attributes"/>
    public const byte GlobalAttributes = (byte)'g';

    /// <summary>What is left of the last block behind so many bytes.</summary>
    public static int Padding(long size) => (int)(-size & (Block - 1));

    /// <summary>The sum of a header's bytes, with its own field as spaces.</summary>
    public static int Checksum(ReadOnlySpan<byte> header)
    {
        var sum = 8 * ' ';
        for (var i = 0; i < Block; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : header[i];
        }

        return sum;
    }
}
