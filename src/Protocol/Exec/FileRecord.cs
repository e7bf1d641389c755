using System.Buffers;
using System.Globalization;
using System.Text;

namespace OpenShell.Protocol.Exec;

/// <summary>
/// What the subsystem "files" reads and writes: <c>MODE SECONDS NANOSECONDS PATH</c> and a NUL, the mode in octal with the
/// type as in st_mode, the time as Unix time. In a request a dash for the mode changes nothing; in an answer it stands for a missing file.
/// </summary>
/// <param name="Path">Relative to the working directory, as bytes.</param>
/// <param name="ModeOrNone">Null is the dash.</param>
/// <param name="Seconds">Of the last change; negative before 1970.</param>
/// <param name="Nanoseconds">What is to be added to that.</param>
public sealed record FileRecord(byte[] Path, int? ModeOrNone, long Seconds, int Nanoseconds)
{
    /// <summary>The twelve permission bits.</summary>
    public const int PermissionMask = 0xFFF;

    private const string None = "-";

    /// <summary>Whether there is more than a path.</summary>
    public bool HasAttributes => ModeOrNone is not null;

    /// <summary>Type and permissions; 0 where there are none.</summary>
    public int Mode => ModeOrNone ?? 0;

    /// <summary>Reads a record without the NUL at its end.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out FileRecord record)
    {
        record = null!;
        var first = bytes.IndexOf((byte)' ');
        var second = first < 0 ? -1 : first + 1 + bytes[(first + 1)..].IndexOf((byte)' ');
        var third = second <= first ? -1 : second + 1 + bytes[(second + 1)..].IndexOf((byte)' ');
        if (third <= second
            || !long.TryParse(bytes[(first + 1)..second], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            || !int.TryParse(bytes[(second + 1)..third], NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)
            || third + 1 == bytes.Length)
        {
            return false;
        }

        int? mode = null;
        if (!bytes[..first].SequenceEqual("-"u8))
        {
            var value = 0;
            foreach (var digit in bytes[..first])
            {
                if (digit is < (byte)'0' or > (byte)'7' || value > ushort.MaxValue)
                {
                    return false;
                }

                value = (value << 3) | (digit - '0');
            }

            mode = value;
        }

        record = new FileRecord(bytes[(third + 1)..].ToArray(), mode, seconds, nanoseconds);
        return true;
    }

    /// <summary>Appends it, with its NUL.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var mode = ModeOrNone is { } value ? Convert.ToString(value, 8) : None;
        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{mode} {Seconds} {Nanoseconds} ")));
        output.Write(Path);
        output.Write("\0"u8);
    }
}
