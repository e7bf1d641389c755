using System.Globalization;
using System.Text;
using OpenShell.Cli.Text;

namespace OpenShell.Cli.Transfer;

/// <summary>
/// Reads an untrusted tar archive: old, ustar, GNU and POSIX headers, also several archives one after the
/// other, as xargs makes them. It reports the entries; the caller decides which are allowed. Not thread-safe.
/// </summary>
internal sealed class TarReader(Stream input)
{
    // Longer than any name that Linux takes; what is announced is read into memory.
    private const long LongestText = 64 * 1024;
    private const long LongestAttributes = 1024 * 1024;

    private readonly byte[] _block = new byte[TarFormat.Block];
    private long _left;
    private int _padding;

    /// <summary>The next entry; null at the end. What was not read of the one before is skipped.</summary>
    /// <exception cref="InvalidDataException">The bytes are no archive, or it ends too early.</exception>
    public async Task<Entry?> NextAsync(CancellationToken cancellationToken)
    {
        string? longName = null;
        string? longLink = null;
        Dictionary<string, string> attributes = [];
        while (true)
        {
            await SkipAsync(_left + _padding, cancellationToken);
            (_left, _padding) = (0, 0);
            var count = await input.ReadAtLeastAsync(_block, TarFormat.Block, throwOnEndOfStream: false, cancellationToken);
            if (count == 0)
            {
                return null;
            }

            if (count < TarFormat.Block)
            {
                throw Broken("it ends in the middle of a header");
            }

            if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                continue;
            }

            if (Number(148, 8) != TarFormat.Checksum(_block))
            {
                throw Broken("a header's checksum is wrong");
            }

            Begin(Number(124, 12));
            switch (_block[156])
            {
                case TarFormat.LongName:
                    longName = RawPath.FromBytes(await ContentAsync(LongestText, cancellationToken)).Split('\0')[0];
                    break;
                case TarFormat.LongLink:
                    longLink = RawPath.FromBytes(await ContentAsync(LongestText, cancellationToken)).Split('\0')[0];
                    break;
                case TarFormat.Attributes:
                    ReadAttributes(await ContentAsync(LongestAttributes, cancellationToken), attributes);
                    break;
                case TarFormat.GlobalAttributes:
                    break;
                default:
                    return ToEntry(longName, longLink, attributes);
            }
        }
    }

    /// <summary>Reads of the current entry's content; 0 at its end.</summary>
    /// <exception cref="InvalidDataException">The archive ends too early.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_left == 0)
        {
            return 0;
        }

        var count = await input.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= count;
        return count > 0 ? count : throw Broken("it ends in the middle of a file");
    }

    private Entry ToEntry(string? longName, string? longLink, Dictionary<string, string> attributes)
    {
        var name = attributes.GetValueOrDefault("path") ?? longName ?? Name();
        var link = attributes.GetValueOrDefault("linkpath") ?? longLink ?? Text(157, TarFormat.NameLength);
        var kind = _block[156] switch
        {
            TarFormat.OldFile when name.EndsWith('/') => EntryKind.Directory,
            TarFormat.File or TarFormat.OldFile or TarFormat.ContiguousFile => EntryKind.File,
            TarFormat.Directory => EntryKind.Directory,
            TarFormat.SymbolicLink => EntryKind.SymbolicLink,
            TarFormat.HardLink => EntryKind.HardLink,
            _ => EntryKind.Special,
        };
        if (attributes.TryGetValue("size", out var size))
        {
            Begin(long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw Broken("a size is no number"));
        }

        if (kind is EntryKind.SymbolicLink or EntryKind.HardLink or EntryKind.Directory)
        {
            // Whatever the field says, nothing follows.
            Begin(0);
        }

        (var seconds, var nanoseconds) = attributes.TryGetValue("mtime", out var time) ? Time(time) : (Number(136, 12), 0);
        return new Entry(name, kind, (int)Number(100, 8) & 0xFFF, _left, seconds, link) { ModifiedNanoseconds = nanoseconds };
    }

    private void Begin(long size) => (_left, _padding) = size >= 0 ? (size, TarFormat.Padding(size)) : throw Broken("a size is negative");

    // Seconds with any number of decimal places; before 1970 they count backwards, too: -1.25 is three quarters after -2.
    private static (long Seconds, int Nanoseconds) Time(string text)
    {
        const int Digits = 9;
        var parts = text.Split('.');
        var nanoseconds = 0;
        var invariant = CultureInfo.InvariantCulture;
        if (parts.Length > 2
            || !long.TryParse(parts[0], NumberStyles.AllowLeadingSign, invariant, out var seconds)
            || (parts.Length == 2 && !int.TryParse(parts[1].PadRight(Digits, '0')[..Digits], NumberStyles.None, invariant, out nanoseconds)))
        {
            throw Broken("a time is no number");
        }

        return text.StartsWith('-') && nanoseconds > 0 ? (seconds - 1, 1_000_000_000 - nanoseconds) : (seconds, nanoseconds);
    }

    // Names of ustar archives may have a part in front; GNU has other things there.
    private string Name()
    {
        var name = Text(0, TarFormat.NameLength);
        var posix = _block.AsSpan(257, 6).SequenceEqual("ustar\0"u8);
        return posix && Text(345, 155) is { Length: > 0 } prefix ? $"{prefix}/{name}" : name;
    }

    private string Text(int start, int length) => RawPath.FromBytes(_block.AsSpan(start, length)).Split('\0')[0];

    private long Number(int start, int length)
    {
        ReadOnlySpan<byte> field = _block.AsSpan(start, length);
        long value = 0;
        if ((field[0] & 0x80) != 0)
        {
            // Binary; the next bit is the sign.
            value = (field[0] & 0x40) != 0 ? -1 : 0;
            foreach (var b in field[1..])
            {
                value = value is > (long.MaxValue >> 8) or < (long.MinValue >> 8) ? throw Broken("a number is too large") : (value << 8) | b;
            }

            return value;
        }

        foreach (var b in field.Trim(" \0"u8))
        {
            value = b is >= (byte)'0' and <= (byte)'7' ? (value << 3) | (uint)(b - '0') : throw Broken("a number has other things than digits");
        }

        return value;
    }

    // "LENGTH key=value\n" one after the other; the length counts itself.
    private static void ReadAttributes(byte[] content, Dictionary<string, string> attributes)
    {
        ReadOnlySpan<byte> rest = content;
        while (!rest.IsEmpty)
        {
            var space = rest.IndexOf((byte)' ');
            if (space < 1
                || !int.TryParse(Encoding.ASCII.GetString(rest[..space]), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1 || length > rest.Length
                || rest[(space + 1)..(length - 1)].IndexOf((byte)'=') is var equals && equals < 1)
            {
                throw Broken("its attributes cannot be read");
            }

            var pair = rest[(space + 1)..(length - 1)];
            attributes[RawPath.FromBytes(pair[..equals])] = RawPath.FromBytes(pair[(equals + 1)..]);
            rest = rest[length..];
        }
    }

    private async Task<byte[]> ContentAsync(long longest, CancellationToken cancellationToken)
    {
        if (_left > longest)
        {
            throw Broken("a name is too long");
        }

        var content = new byte[_left];
        for (var at = 0; at < content.Length;)
        {
            at += await ReadAsync(content.AsMemory(at), cancellationToken);
        }

        return content;
    }

    private async Task SkipAsync(long bytes, CancellationToken cancellationToken)
    {
        var buffer = bytes > 0 ? new byte[Math.Min(bytes, 64 * 1024)] : [];
        while (bytes > 0)
        {
            var count = await input.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes)), cancellationToken);
            bytes -= count > 0 ? count : throw Broken("it ends in the middle of a file");
        }
    }

    private static InvalidDataException Broken(string reason) => new($"what the sandbox sent is no tar archive: {reason}");
}
