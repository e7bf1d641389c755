using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace OpenShell.Driver.Vm.Quantities;

/// <summary>A number of bytes.</summary>
/// <param name="Bytes">The number; never negative.</param>
internal readonly record struct ByteCount(long Bytes) : IComparable<ByteCount>
{
    private static readonly (string Suffix, long Factor)[] Suffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40),
        ("k", 1_000), ("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000),
        ("", 1),
    ];

    public static ByteCount FromMebibytes(long mebibytes) => new(mebibytes << 20);

    /// <summary>Rounded up, for what takes whole MiB only.</summary>
    [JsonIgnore]
    public long Mebibytes => (Bytes + (1L << 20) - 1) >> 20;

    public static bool operator <(ByteCount left, ByteCount right) => left.Bytes < right.Bytes;

    public static bool operator >(ByteCount left, ByteCount right) => left.Bytes > right.Bytes;

    public static bool operator <=(ByteCount left, ByteCount right) => left.Bytes <= right.Bytes;

    public static bool operator >=(ByteCount left, ByteCount right) => left.Bytes >= right.Bytes;

    /// <summary>
    /// Parses "1073741824", "512Mi", "1.5Gi", "4G", and the same with a B at the end.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ByteCount value)
    {
        value = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var number = text.EndsWith('B') ? text[..^1] : text;
        var (suffix, factor) = Suffixes.First(s => number.EndsWith(s.Suffix, StringComparison.Ordinal));
        if (!decimal.TryParse(number[..^suffix.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            || amount <= 0
            || amount > long.MaxValue / factor)
        {
            return false;
        }

        value = new ByteCount((long)decimal.Ceiling(amount * factor));
        return true;
    }

    public int CompareTo(ByteCount other) => Bytes.CompareTo(other.Bytes);

    /// <summary>In the largest binary unit that keeps it whole.</summary>
    public override string ToString()
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var (amount, unit) = (Bytes, 0);
        while (amount >= 1024 && amount % 1024 == 0 && unit < units.Length - 1)
        {
            (amount, unit) = (amount / 1024, unit + 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{amount} {units[unit]}");
    }
}
